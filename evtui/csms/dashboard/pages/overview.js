// What the CSMS does now.
import { get } from "../api.js";
import { chart } from "../chart.js";
import { el, empty, failure, put, say, throttled } from "../dom.js";
import { on } from "../events.js";
import { count, duration, kw, rate } from "../format.js";
import { frameRow } from "../frame_row.js";
import { StationCards } from "../station_card.js";

const STATIONS = 12, FRAMES = 12, POINTS = 900;

function tile(name, unit = "") {
  const value = el("span", {}, "–");
  return [value, el("div", { class: "card tile" }, el("dt", {}, name), el("dd", {}, value, unit ? el("small", {}, unit) : null))];
}

export function overview(main) {
  const [server, serverTile] = tile("Server"), [up, upTile] = tile("Uptime"), [connections, connectionsTile] = tile("Connections");
  const [messages, messagesTile] = tile("Messages"), [sessions, sessionsTile] = tile("Charging sessions"), [power, powerTile] = tile("Power", "kW");
  const where = el("span", { class: "note mono" });
  const powerPlace = el("div", { class: "chart" }), ratePlace = el("div", { class: "chart" });
  const powerChart = chart(powerPlace, [["power", "kW"]]), rateChart = chart(ratePlace, [["rate", "messages/s"]]);
  const cards = new StationCards();
  const stationsNote = el("span", { class: "note" }), stationsPlace = el("div", {}, cards.element);
  const framesNote = el("span", { class: "note" }), list = el("ol", { class: "frames" });
  const data = { at: [], kw: [], rate: [] };
  let waiting = [], skipped = null, begun = false;

  put(main,
    el("div", { class: "head" }, el("h1", {}, "Overview"), where),
    el("dl", { class: "tiles", "aria-label": "State of the server" }, serverTile, upTile, connectionsTile, messagesTile, sessionsTile, powerTile),
    el("div", { class: "pair" },
      el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Power"), el("span", { class: "push" }, powerChart.legends)), powerPlace),
      el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Messages"), el("span", { class: "push" }, rateChart.legends)), ratePlace)),
    el("section", { class: "stack" }, el("div", { class: "head" }, el("h2", {}, "Stations"), stationsNote, el("a", { class: "push", href: "#/stations" }, "All stations")), stationsPlace),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Frames"), framesNote, el("a", { class: "push", href: "#/frames" }, "All frames")), list));

  const failed = (error) => main.prepend(failure(error));
  const draw = () => { powerChart.set([data.at, data.kw]); rateChart.set([data.at, data.rate]); };
  const point = (at, power_w, messages_per_s) => {
    if (at <= (data.at.at(-1) ?? 0)) return;
    data.at.push(at); data.kw.push(power_w / 1000); data.rate.push(messages_per_s);
    if (data.at.length > POINTS) for (const each of Object.values(data)) each.shift();
  };

  function status(now, at = null) {
    say(server, now.status); say(up, duration(now.uptime)); say(messages, count(now.total_messages)); say(sessions, count(now.transactions)); say(power, kw(now.power_w));
    say(connections, count(now.active_connections)); say(where, now.ocpp_url);
    if (at !== null) { point(at, now.power_w, now.messages_per_s); draw(); }
    const more = skipped === null ? 0 : now.messages_skipped - skipped;
    skipped = now.messages_skipped;
    say(framesNote, more > 0 ? `sampled: ${rate(now.messages_per_s)} a second come, some are shown` : "");
  }

  const stations = throttled(async () => {
    const page = await get(`api/stations?connected=true&count=${STATIONS}`).catch(() => null);
    if (!page) return;
    cards.set(page.stations);
    say(stationsNote, page.connected > STATIONS ? `${STATIONS} of ${count(page.connected)} that are connected` : page.connected ? `${count(page.connected)} connected` : "");
    put(stationsPlace, page.stations.length ? cards.element : el("div", { class: "card" }, empty("No station is connected.", `Let one dial ${where.textContent || "this CSMS"}/ID; its id goes behind the address.`)));
  }, 2000);

  const showFrames = throttled(() => {
    if (!begun) return;
    list.prepend(...waiting.reverse().map((each) => frameRow(each, () => { location.hash = `#/frames?number=${each.number}`; })));
    waiting = [];
    while (list.children.length > FRAMES) list.lastChild.remove();
  }, 300);

  get("api/status").then((now) => { status(now); stations(); }, failed);
  get("api/trace").then(({ points }) => { const later = data.at.splice(0).map((at, i) => [at, data.kw[i] * 1000, data.rate[i]]); data.kw = []; data.rate = []; for (const each of points) point(each.at, each.power_w, each.messages_per_s); for (const each of later) point(...each); draw(); }, failed);
  get(`api/frames?limit=${FRAMES}`).then(({ frames }) => {
    const last = frames.at(-1)?.number ?? -1;
    waiting = [...frames, ...waiting.filter((each) => each.number > last)].slice(-FRAMES); // what came meanwhile may be among them
    if (!frames.length) say(framesNote, "none yet");
  }, failed).finally(() => { begun = true; showFrames(); });
  const off = [
    on("status", (now, _, at) => status(now, at)),
    on("station", (row) => { if (!row.connected || !cards.cards.has(row.station_id)) stations(); }),
    on("frame", (frame) => { waiting.push(frame); waiting.splice(0, waiting.length - FRAMES); showFrames(); }),
  ];
  return () => { for (const each of off) each(); cards.gone(); powerChart.gone(); rateChart.gone(); };
}
