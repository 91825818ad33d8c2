// Transactions: all of them, or one with its curve.
import { get, part, query } from "../api.js";
import { chart } from "../chart.js";
import { Curve } from "../curve.js";
import { el, empty, failure, inTurn, put, say, throttled } from "../dom.js";
import { on } from "../events.js";
import { duration, kw, kwh, moment } from "../format.js";

const PAGE = 50;

export function transactionTable(rows, withStation = true) {
  return el("div", { class: "scroll" }, el("table", { class: "stackable" },
    el("thead", {}, el("tr", {}, ["#", withStation ? "Station" : null, "EVSE", "Token", "Began", "Took", "State"].filter(Boolean).map((name) => el("th", {}, name)), el("th", { class: "num" }, "kWh"), el("th", { class: "num" }, "kW"))),
    el("tbody", {}, rows.map((each) => el("tr", {},
      el("td", { class: "tight" }, el("a", { href: `#/transactions/${each.id}`, title: each.transaction_id }, `#${each.id}`)),
      withStation ? el("td", {}, el("a", { href: `#/stations/${part(each.station_id)}` }, each.station_id)) : null,
      el("td", { "data-label": "EVSE" }, each.evse_id ?? "–"),
      el("td", {}, each.id_token ?? "–"),
      el("td", { class: "tight" }, moment(each.started_at)),
      el("td", { class: "tight", "data-label": "took" }, duration((each.ended_at ?? Date.now() / 1000) - each.started_at)),
      el("td", {}, el("span", { class: `badge ${each.ended_at === null ? "busy" : ""}` }, each.ended_at === null ? each.charging_state ?? "running" : each.stopped_reason ?? "ended"), each.gaps.length ? el("span", { class: "badge warn", title: "seqNos that are missing" }, `${each.gaps.length} gaps`) : null),
      el("td", { class: "num", "data-label": "kWh" }, kwh(each.energy_wh)),
      el("td", { class: "num", "data-label": "kW" }, each.ended_at === null ? kw(each.power_w) : "–"))))));
}

export function transactions(main) {
  let before = null;
  const which = el("select", { "aria-label": "Which transactions", onchange: () => load() }, el("option", { value: "" }, "All"), el("option", { value: "true" }, "Running"), el("option", { value: "false" }, "Ended"));
  const search = el("input", { class: "search", type: "search", placeholder: "Of the station with this id", "aria-label": "Station id", "data-filter": "", oninput: () => load() });
  const place = el("div", {}), more = el("button", { type: "button", hidden: true, onclick: () => older() }, "Older ones");
  let rows = [];
  put(main, el("div", { class: "head" }, el("h1", {}, "Transactions")), el("div", { class: "row" }, search, which), el("section", { class: "card" }, place), el("div", {}, more));
  const ask = (before) => get(`api/transactions${query({ station: search.value.trim(), running: which.value, before, limit: PAGE })}`);
  const draw = () => put(place, rows.length ? transactionTable(rows) : search.value || which.value ? empty("No transaction fits.") : empty("No transaction yet.", "A session that a station starts stands here at once."));
  const turn = inTurn();
  const take = (earlier, page) => { rows = earlier.concat(page.transactions); before = page.next; more.hidden = before === null; draw(); };
  const tried = (call) => turn(() => call().catch((error) => { put(place, failure(error)); }));
  const newest = async () => take([], await ask());
  const load = throttled(() => tried(newest), 500);
  const older = () => tried(async () => { if (before !== null) take(rows, await ask(before)); });
  const fresh = throttled(() => tried(async () => { if (rows.length <= PAGE && !place.contains(document.activeElement)) await newest(); }), 1500);
  load();
  return on("transaction", () => fresh());
}

// kW and kWh of a transaction; gives what is to be done with each news of it, and at the end.
export function curveOf(id) {
  const place = el("div", { class: "chart" });
  const drawn = chart(place, [["power", "kW"], ["energy", "kWh"]]);
  const curve = new Curve(id);
  curve.load().then(() => { if (curve.at.length) drawn.set(curve.data); else put(place, empty("No meter values yet.")); }, (error) => put(place, failure(error)));
  return {
    element: el("div", {}, el("div", { class: "row" }, drawn.legends), place),
    take: (transaction, at) => { if (transaction.id !== id || transaction.ended_at !== null) return; curve.push(at, transaction.power_w, transaction.energy_wh); if (curve.at.length && place.querySelector(".empty")) put(place); drawn.set(curve.data); },
    gone: () => drawn.gone(),
  };
}

export function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

export function transaction(main, id) {
  const place = el("div", {}), state = el("span", { class: "badge" });
  const curve = curveOf(Number(id));
  put(main, el("div", { class: "head" }, el("h1", {}, `Transaction #${id}`), state), el("section", { class: "card" }, place), el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Meter values")), curve.element));
  const draw = (each) => {
    say(state, each.ended_at === null ? each.charging_state ?? "running" : "ended");
    state.className = `badge ${each.ended_at === null ? "busy" : ""}`;
    put(place, facts([
      ["Station", el("a", { href: `#/stations/${part(each.station_id)}` }, each.station_id)], ["Its own id", el("span", { class: "mono" }, each.transaction_id)], ["EVSE / connector", `${each.evse_id ?? "–"} / ${each.connector_id ?? "–"}`],
      ["Token", each.id_token && `${each.id_token} (${each.id_token_type})`], ["Began", moment(each.started_at)], ["Ended", each.ended_at && moment(each.ended_at)], ["Stopped by", each.stopped_reason],
      ["Delivered", `${kwh(each.energy_wh)} kWh`], ["Power", each.ended_at === null ? `${kw(each.power_w)} kW` : null], ["State of charge", each.soc_percent === null ? null : `${each.soc_percent} %`],
      ["Phases", each.phases_used], ["Remote start", each.remote_start_id], ["Reservation", each.reservation_id], ["Events", each.events], ["Missing seqNos", each.gaps.map(({ first, last }) => first === last ? first : `${first}–${last}`).join(", ")],
    ]));
  };
  let told = false;
  get(`api/transactions/${part(id)}`).then((each) => { if (!told) draw(each); }, (error) => put(place, failure(error)));
  const off = on("transaction", (each, _, at) => { if (each.id === Number(id)) { told = true; draw(each); curve.take(each, at); } });
  return () => { off(); curve.gone(); };
}
