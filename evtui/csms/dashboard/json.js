// JSON to be read: indented, and coloured by spans.
import { el } from "./dom.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
const MOST = 60_000;

export function json(value) {
  let text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const cut = text.length > MOST;
  if (cut) text = text.slice(0, MOST);
  const pre = el("pre", { class: "json", tabindex: "0" });
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    pre.append(text.slice(end, found.index));
    const [whole, string, colon, number] = found;
    const kind = string ? (colon ? "key" : "text") : number ? "number" : "word";
    pre.append(el("span", { class: kind }, string ?? whole), colon ?? "");
    end = found.index + whole.length;
  }
  pre.append(text.slice(end), cut ? "\n… cut here" : "");
  return pre;
}

// The payload of a frame, or its text where it is no JSON.
export function payload(text) {
  try { return json(JSON.parse(text)); } catch { return el("pre", { class: "json", tabindex: "0" }, text.slice(0, MOST)); }
}
