// What the linter has against stations.
import { get, part, query } from "./api.js";
import { el } from "./dom.js";
import { count, moment } from "./format.js";

const MOST = 200;

// The findings of a station, or of all, the newest first.
export async function findingsOf(station) {
  return (await get(`api/findings${query({ station })}`)).sort((a, b) => b.last_at - a.last_at);
}

export function findingTable(found, withStation = false) {
  return el("div", {}, found.length > MOST ? el("p", { class: "note" }, `${count(found.length)} findings; the newest ${MOST} are shown.`) : null, el("div", { class: "scroll" }, el("table", { class: "stackable" },
    el("thead", {}, el("tr", {}, ["", withStation ? "Station" : null, "Rule", "Requirement", "What", "Frame", "Times", "Last"].filter((each) => each !== null).map((each) => el("th", {}, each)))),
    el("tbody", {}, found.slice(0, MOST).map((each) => el("tr", {},
      el("td", {}, el("span", { class: `badge ${each.severity === "error" ? "bad" : "warn"}` }, each.severity)),
      withStation ? el("td", {}, el("a", { href: `#/stations/${part(each.station_id)}` }, each.station_id)) : null,
      el("td", {}, each.rule), el("td", { class: "tight dim" }, each.requirement), el("td", {}, each.text),
      el("td", {}, each.frame === null || each.frame === undefined ? "–" : el("a", { href: `#/frames?number=${each.frame}` }, `#${each.frame}`)),
      el("td", { "data-label": "times" }, count(each.count ?? 1)), el("td", { class: "tight" }, moment(each.last_at))))))));
}
