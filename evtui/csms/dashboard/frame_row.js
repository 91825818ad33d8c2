// A frame in a row, and all of it beside its answer.
import { get } from "./api.js";
import { el, failure, put } from "./dom.js";
import { ms, timeMs, moment } from "./format.js";
import { payload } from "./json.js";

const WRONG = new Set(["CALLERROR", "CALLRESULTERROR", "UNREADABLE"]);

// What is said, without the envelope.
function bodyOf(frame) {
  const from = frame.type === "CALL" || frame.type === "CALLRESULT" ? frame.text.indexOf("{") : -1;
  return from < 0 ? frame.text.slice(0, 400) : frame.text.slice(from, -1).slice(0, 400);
}

export function frameRow(frame, show) {
  const wrong = frame.fault || WRONG.has(frame.type);
  const sent = frame.direction === "SENT";
  const button = el("button", { type: "button", class: `frame${wrong ? " wrong" : ""}`, onclick: () => show(frame, button) },
    el("span", { class: "at" }, timeMs(frame.at)),
    el("span", { class: "who", title: frame.station_id }, frame.station_id),
    el("span", { class: `way${sent ? "" : " in"}`, title: sent ? "sent by the station" : "sent to the station" }, sent ? "→" : "←"),
    el("span", { class: "what" }, el("b", {}, frame.action || frame.type), frame.type === "CALL" || !frame.action ? "" : el("span", { class: "dim" }, ` ${frame.type.toLowerCase().replace("call", "")}`), frame.fault ? ` – ${frame.fault}` : "", el("span", { class: "body" }, bodyOf(frame))),
    el("span", { class: "took" }, ms(frame.rtt_s)));
  return el("li", {}, button);
}

const wanted = new WeakMap(); // which frame a place is to show

// Fills a place with a frame and its pair, as they are kept, unless something else is wanted there when they come.
export async function showFrame(place, number, close) {
  const mine = {};
  wanted.set(place, mine);
  try {
    const frame = await get(`api/frames/${number}`);
    const pair = frame.pair === null ? null : await get(`api/frames/${frame.pair}`).catch(() => null);
    if (wanted.get(place) !== mine) return;
    const [call, answer] = pair && pair.number < frame.number ? [pair, frame] : [frame, pair];
    put(place, el("div", { class: "stack" },
      el("div", { class: "head" }, el("h2", {}, call.action || call.type), el("span", { class: "note" }, call.station_id),
        el("button", { type: "button", class: "icon push", "aria-label": "Close", title: "Close (esc)", onclick: close }, "✕")),
      one(call), answer ? one(answer) : call.type === "CALL" ? el("p", { class: "note" }, "There is no answer to it yet.") : null));
  } catch (error) {
    if (wanted.get(place) === mine) put(place, failure(error));
  }
}

// Empties such a place.
export function hideFrame(place) {
  wanted.delete(place);
  put(place);
}

function one(frame) {
  const facts = [moment(frame.at), `#${frame.number}`, frame.rtt_s === null ? "" : `after ${ms(frame.rtt_s)}`, frame.masked ? "a secret was masked" : ""];
  return el("section", { class: "stack" },
    el("div", { class: "row" }, el("h3", {}, `${frame.direction === "SENT" ? "→" : "←"} ${frame.type}`), el("span", { class: "note num" }, facts.filter(Boolean).join(" · "))),
    frame.fault ? el("div", { class: "error" }, frame.fault) : null, payload(frame.text));
}
