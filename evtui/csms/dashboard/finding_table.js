// What the linter has against stations.
import { get, part, query } from "./api.js";
import { el } from "./dom.js";
import { count, moment } from "./format.js";

let judges = null;

// The findings of a station, or of all; none where nobody judges.
export async function findingsOf(station) {
  judges ??= get("openapi.json").then(({ paths }) => "/api/findings" in paths);
  if (!await judges) return [];
  return (await get(`api/findings${query({ station })}`)).findings;
}

export function findingTable(found, withStation = false) {
  return el("div", { class: "scroll" }, el("table", { class: "stackable" },
    el("thead", {}, el("tr", {}, ["", withStation ? "Station" : null, "Rule", "Requirement", "What", "Frame", "Times", "Last"].filter((each) => each !== null).map((each) => el("th", {}, each)))),
    el("tbody", {}, found.map((each) => el("tr", {},
      el("td", {}, el("span", { class: `badge ${each.severity === "error" ? "bad" : "warn"}` }, each.severity)),
      withStation ? el("td", {}, el("a", { href: `#/stations/${part(each.station_id)}` }, each.station_id)) : null,
      el("td", {}, each.rule), el("td", { class: "tight dim" }, each.requirement), el("td", {}, each.text),
      el("td", {}, each.frame === null || each.frame === undefined ? "–" : el("a", { href: `#/frames?number=${each.frame}` }, `#${each.frame}`)),
      el("td", { "data-label": "times" }, count(each.count ?? 1)), el("td", { class: "tight" }, moment(each.last_at)))))));
}
