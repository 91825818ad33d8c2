// All stations, searched and paged.
import { get, query } from "../api.js";
import { el, empty, failure, put, say, throttled } from "../dom.js";
import { on } from "../events.js";
import { count } from "../format.js";
import { StationCards } from "../station_card.js";

const PAGE = 48;

export function stations(main) {
  let first = 0, connected = "";
  const cards = new StationCards();
  const search = el("input", { class: "search", type: "search", placeholder: "Id, vendor or model", "aria-label": "Search stations", "data-filter": "", oninput: () => { first = 0; load(); } });
  const which = el("select", { "aria-label": "Which stations", onchange: () => { connected = which.value; first = 0; load(); } }, el("option", { value: "" }, "All"), el("option", { value: "true" }, "Connected"), el("option", { value: "false" }, "Offline"));
  const note = el("span", { class: "note" }), place = el("div", {}, cards.element);
  const back = el("button", { type: "button", onclick: () => { first -= PAGE; load(); } }, "‹ Before"), on_ = el("button", { type: "button", onclick: () => { first += PAGE; load(); } }, "Next ›");
  put(main, el("div", { class: "head" }, el("h1", {}, "Stations"), note), el("div", { class: "row" }, search, which), place, el("div", { class: "row" }, back, on_));

  const load = throttled(async () => {
    try {
      const page = await get(`api/stations${query({ first, count: PAGE, text: search.value.trim(), connected })}`);
      cards.set(page.stations);
      say(note, `${count(page.total)} ${search.value || connected ? "found" : "known"}, ${count(page.connected)} connected`);
      put(place, page.stations.length ? cards.element : el("div", { class: "card" }, search.value || connected ? empty("No station fits.") : empty("No station has come yet.")));
      back.hidden = first === 0;
      on_.hidden = first + PAGE >= page.total;
    } catch (error) { put(place, failure(error)); }
  }, 250);

  load();
  const fresh = throttled(load, 2000);
  const off = on("station", (row) => { if (!cards.cards.has(row.station_id)) fresh(); });
  return () => { off(); cards.gone(); };
}
