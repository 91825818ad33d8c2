// What the linter has against stations.
import { el, empty, failure, put, throttled } from "../dom.js";
import { on } from "../events.js";
import { findingsOf, findingTable } from "../finding_table.js";

export function findings(main) {
  const place = el("div", {});
  put(main, el("div", { class: "head" }, el("h1", {}, "Findings"), el("span", { class: "note" }, "what stations do that the standard does not allow")), el("section", { class: "card" }, place));
  const load = throttled(async () => {
    try {
      const found = await findingsOf();
      if (!place.contains(document.activeElement)) put(place, found.length ? findingTable(found, true) : empty("Nothing to tell.", "No station has broken a rule that is watched."));
    } catch (error) { put(place, failure(error)); }
  }, 2000);
  load();
  return on("finding", () => load());
}
