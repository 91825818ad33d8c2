// Keys: one table for what they do and for the help.
import { el } from "./dom.js";
import { toggleTheme } from "./theme.js";

const PAGES = { o: ["#/", "Overview"], s: ["#/stations", "Stations"], x: ["#/transactions", "Transactions"], f: ["#/frames", "Frames"], i: ["#/tokens", "Tokens"], j: ["#/findings", "Findings"] };

const ACTIONS = {
  "/": ["to the filter or search of the page", () => document.querySelector("main [data-filter]")?.focus()],
  " ": ["hold the frames, or let them go on", () => document.querySelector("main [data-hold]")?.click()],
  r: ["a request to the station that is shown", () => document.querySelector("main [data-request]")?.click()],
  t: ["light or dark", toggleTheme],
  "?": ["this help", help],
};

export function setUpKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.target;
    if (event.key === "Escape") {
      if (target.matches?.("input, textarea, select")) target.blur();
      else document.querySelector("main [data-close], main .aside button[aria-label=Close]")?.click();
      return;
    }
    if (target.matches?.("input, textarea, select")) return;
    if (event.key === " " && target.matches?.("button, a, summary, [tabindex]:not(main)")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (walk(target, event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
      return;
    }
    if (PAGES[event.key]) location.hash = PAGES[event.key][0];
    else if (ACTIONS[event.key]) { event.preventDefault(); ACTIONS[event.key][1](); }
  });
}

// From frame to frame.
function walk(target, step) {
  const row = target.closest?.(".frames li");
  const next = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  next?.querySelector("button")?.focus();
  return Boolean(next);
}

export function help() {
  const rows = [...Object.entries(PAGES).map(([key, [, name]]) => [key, name]), ...Object.entries(ACTIONS).map(([key, [text]]) => [key === " " ? "space" : key, text]), ["↑ ↓", "from frame to frame"], ["enter", "open what has the focus"], ["esc", "out of a field; close what is open"]];
  const dialog = el("dialog", { "aria-labelledby": "help-title", onclose: () => dialog.remove() },
    el("div", {}, el("h2", { id: "help-title" }, "Keys"), el("dl", { class: "keys" }, rows.map(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)])),
      el("p", { class: "note" }, "All of this is also an HTTP API: ", el("a", { href: "docs" }, "its documentation"), "."),
      el("div", { class: "foot" }, el("button", { class: "primary", autofocus: true, onclick: () => dialog.close() }, "Close"))));
  document.body.append(dialog);
  dialog.showModal();
}
