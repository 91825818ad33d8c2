// Frames, live and by filter: every one is kept; what comes too fast to be read is skipped here, and counted.
import { ask, get, query } from "../api.js";
import { el, empty, failure, put, say, throttled } from "../dom.js";
import { on } from "../events.js";
import { count, rate } from "../format.js";
import { frameRow, hideFrame, showFrame } from "../frame_row.js";

const MOST = 300, PAGE = 100, AT_ONCE = 60;
const CHIPS = [["Errors", "~e"], ["Unanswered", "~u"], ["CALLs", "~t call"], ["To stations", "~in ~t call"], ["Slow answers", "~rtt >500"]];

export function frames(main, given) {
  let last = null, first = null, held = false, skipped = 0, open = null, asking = null;
  const written = given.get("filter") ?? (given.get("station") ? `~s ${quoted(given.get("station"))}` : "");
  const filter = el("input", { class: "search mono", type: "search", value: written, placeholder: "~s CP00* & (~e | ~rtt >500)", "aria-label": "Filter", "data-filter": "", spellcheck: "false", autocomplete: "off", oninput: () => begin() });
  const chips = CHIPS.map(([name, text]) => el("button", { type: "button", class: "small", title: text, onclick: () => { filter.value = filter.value === text ? "" : text; begin(); } }, name));
  const hold = el("button", { type: "button", class: "small", "data-hold": "", "aria-pressed": "false", title: "space", onclick: () => { held = !held; hold.setAttribute("aria-pressed", String(held)); say(hold, held ? "Held" : "Hold"); if (!held) step(); } }, "Hold");
  const note = el("span", { class: "note num" }), wrong = el("div", {});
  const list = el("ol", { class: "frames" }), aside = el("div", { class: "aside" });
  const older = el("button", { type: "button", class: "small", hidden: true, onclick: () => before() }, "Older ones");
  const split = el("div", { class: "split" }, el("section", { class: "card stack tall" }, list, older), aside);
  put(main, el("div", { class: "head" }, el("h1", {}, "Frames"), note, el("span", { class: "push" }, hold)), el("div", { class: "row" }, filter), el("div", { class: "row" }, chips, el("span", { class: "note" }, "~s station  ~a action  ~t type  ~e wrong  ~u unanswered  ~rtt >ms  & | !")), wrong, split);

  const find = async (cursor) => {
    asking?.abort();
    const mine = asking = new AbortController();
    try {
      const response = await ask(`api/frames${query({ filter: filter.value.trim(), ...cursor })}`, { signal: mine.signal });
      const page = await response.json();
      if (!response.ok) throw new Error(page.error);
      return page;
    } finally { if (asking === mine) asking = null; }
  };

  const rows = (found) => found.map((each) => frameRow(each, show));
  const fill = async () => {
    for (const [index, [, text]] of CHIPS.entries()) chips[index].setAttribute("aria-pressed", String(filter.value === text));
    filter.removeAttribute("aria-invalid");
    older.hidden = true; // than those that are asked for now
    try {
      const page = await find({ limit: PAGE });
      last = page.last; first = page.first; skipped = 0;
      put(wrong);
      put(list, page.frames.length ? rows(page.frames.reverse()) : el("li", {}, empty(filter.value ? "No frame fits, as far as was looked." : "No frame yet.")));
      older.hidden = !page.more;
    } catch (error) {
      if (error.name === "AbortError") return;
      filter.setAttribute("aria-invalid", "true");
      last = null;
      put(wrong, failure(error));
    }
  };
  const begin = throttled(() => { fill(); }, 200); // nobody waits for what was asked for before: it is given up

  const step = throttled(async () => {
    if (held || asking || last === null) return; // what somebody asked for is never given up for what is new
    try {
      let page = await find({ after: last, limit: AT_ONCE });
      if (page.more) { // more than can be read: go on with the newest
        const from = last;
        page = await find({ limit: AT_ONCE });
        if (page.frames.length && page.frames[0].number > from + 1 && !filter.value.trim()) skipped += page.frames[0].number - from - 1;
        page.frames = page.frames.filter((each) => each.number > from);
      }
      last = Math.max(last, page.last);
      if (!page.frames.length) return;
      if (list.querySelector(".empty")) put(list);
      list.prepend(...rows(page.frames.reverse()));
      while (list.children.length > MOST) list.lastChild.remove();
    } catch (error) { if (error.name !== "AbortError") put(wrong, failure(error)); }
  }, 400);

  async function before() {
    try {
      const page = await find({ before: first, limit: PAGE });
      first = page.first;
      list.append(...rows(page.frames.reverse()));
      older.hidden = !page.more;
    } catch (error) { if (error.name !== "AbortError") put(wrong, failure(error)); }
  }

  function show(frame, button) { open?.removeAttribute("aria-current"); open = button; button?.setAttribute("aria-current", "true"); split.classList.add("open"); aside.className = "aside card"; showFrame(aside, frame.number, close); if (innerWidth < 992) aside.scrollIntoView({ block: "start" }); }
  function close() { open?.removeAttribute("aria-current"); open?.focus(); open = null; hideFrame(aside); aside.className = "aside"; split.classList.remove("open"); }

  begin();
  if (given.get("number")) show({ number: given.get("number") }, null);
  const off = [
    on("frame", () => step()),
    on("status", (now) => { step(); say(note, `${rate(now.messages_per_s)} a second${skipped ? ` · sampled: ${count(skipped)} were too fast to be shown, all are kept` : ""}`); }),
  ];
  return () => { for (const each of off) each(); asking?.abort(); };
}

function quoted(text) { return /^[\w.*-]+$/.test(text) ? text : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`; }
