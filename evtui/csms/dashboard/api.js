// The HTTP API: JSON in, JSON out, errors as errors. Other machines show a token, which is asked for once.
import { askToken, token } from "./token.js";

export class ApiError extends Error {
  constructor(message, status, code) { super(message); this.status = status; this.code = code; }
}

export async function ask(path, { method = "GET", body, signal, headers = {} } = {}) {
  for (;;) {
    const shown = token();
    let response;
    try {
      response = await fetch(path, {
        method, signal, cache: "no-store",
        headers: { ...headers, ...(shown ? { authorization: `Bearer ${shown}` } : {}), ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError("The CSMS cannot be reached.", 0);
    }
    if (response.status !== 401) return response;
    await askToken(shown !== "");
  }
}

export async function get(path, options) { return read(await ask(path, options)); }
export async function send(method, path, body) { return read(await ask(path, { method, body })); }

async function read(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  let value = null;
  try { value = JSON.parse(text); } catch { /* the text says it */ }
  if (response.ok) return value;
  throw new ApiError(value?.error ?? (text.trim().slice(0, 300) || `HTTP ${response.status}`), response.status, value?.code);
}

export const part = encodeURIComponent;

export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
