// What happens, as server-sent events. Read with fetch, as EventSource can show no token.
import { ask } from "./api.js";

const listeners = new Map();
let lastId = "";

// Calls back with (data, stationId) for each event of a kind; gives a function that ends it.
export function on(kind, call) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(call);
  return () => listeners.get(kind).delete(call);
}

function tell(kind, ...values) {
  for (const call of listeners.get(kind) ?? []) call(...values);
}

export async function listen() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const response = await ask("api/events", { headers: lastId ? { "last-event-id": lastId } : {} });
      if (response.ok) {
        tell("link", true);
        wait = 500;
        await read(response.body.getReader());
      }
    } catch { /* told below */ }
    tell("link", false);
    await new Promise((then) => setTimeout(then, wait));
  }
}

async function read(reader) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) take(block);
  }
}

function take(block) {
  let kind = "", data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) lastId = line.slice(4);
    else if (line.startsWith("event: ")) kind = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (!kind) return;
  const event = JSON.parse(data);
  if (kind === "missed") tell("missed");
  else tell(kind, event.data, event.station_id, event.at);
}
