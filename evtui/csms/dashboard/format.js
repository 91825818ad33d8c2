// Numbers, times and states in words.

const figures = (digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const one = figures(1), two = figures(2), whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (value) => whole.format(value ?? 0);
const MOST = 1e12; // of a number that is written out
const written = (value, format) => Math.abs(value) < MOST ? format.format(value) : value.toExponential(1);
export const kw = (watts) => watts === null || watts === undefined ? "–" : written(watts / 1000, Math.abs(watts) >= 99_950 ? whole : one);
export const kwh = (wh) => wh === null || wh === undefined ? "–" : written(wh / 1000, two);
export const rate = (value) => value >= 100 ? whole.format(value) : one.format(value ?? 0);
export const ms = (seconds) => seconds === null || seconds === undefined ? "" : seconds >= 1 ? `${two.format(seconds)} s` : `${(seconds < 0.01 ? two : one).format(seconds * 1000)} ms`;

export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  const two = (value) => String(value).padStart(2, "0");
  return d ? `${d} d ${two(h)}:${two(m)}` : h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
export const time = (at) => at === null || at === undefined ? "–" : clock.format(at * 1000);
export const timeMs = (at) => `${clock.format(at * 1000)}.${String(Math.floor(at * 1000) % 1000).padStart(3, "0")}`;
export const moment = (at) => {
  if (at === null || at === undefined) return "–";
  const date = new Date(at * 1000);
  return Number.isNaN(date.getTime()) ? String(at) : date.toDateString() === new Date().toDateString() ? clock.format(date) : full.format(date);
};

const STATUS = { Available: "good", Occupied: "busy", Charging: "busy", Preparing: "busy", Finishing: "busy", Reserved: "warn", Unavailable: "warn", SuspendedEV: "warn", SuspendedEVSE: "warn", Faulted: "bad" };

// A station in one word, and how that looks.
export function stateOf(station) {
  if (!station.connected) return ["Offline", ""];
  if (station.registration !== "Accepted") return [station.registration ?? "No boot yet", station.registration === "Rejected" ? "bad" : "warn"];
  const statuses = station.connectors.map((each) => each.status);
  if (statuses.includes("Faulted")) return ["Faulted", "bad"];
  if (station.transactions.length) {
    const state = station.transactions.find((each) => each.charging_state === "Charging") ? "Charging" : station.transactions[0].charging_state ?? "In session";
    return [state.replace(/([a-z])([A-Z])/g, "$1 $2"), state.startsWith("Suspended") ? "warn" : "busy"];
  }
  const status = ["Occupied", "Preparing", "Reserved", "Unavailable", "Available"].find((each) => statuses.includes(each)) ?? statuses[0] ?? "Connected";
  return [status, STATUS[status] ?? "good"];
}

export const statusClass = (status) => STATUS[status] ?? "";
