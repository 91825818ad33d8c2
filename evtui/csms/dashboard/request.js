// A request of the CSMS: a form from its schema, or JSON; and what the station answers.
import { get, part, send } from "./api.js";
import { el, failure, put } from "./dom.js";
import { Form } from "./form.js";
import { json } from "./json.js";

const actionsOf = new Map();

// The requests that a CSMS can send in a version.
export function actions(version) {
  if (!actionsOf.has(version)) actionsOf.set(version, get(`api/schemas/${part(version)}`).then((page) => page.actions));
  return actionsOf.get(version);
}

export async function openRequest(station, action, value = {}) {
  const version = station.ocpp_version || "2.0.1";
  const select = el("select", { id: "request-action", onchange: () => load(select.value, {}) });
  const place = el("div", { class: "stack" });
  const answer = el("div", { class: "stack", "aria-live": "polite" });
  const mode = el("button", { type: "button", class: "small", onclick: () => turn() }, "As JSON");
  const sendButton = el("button", { class: "primary" }, "Send");
  const text = el("textarea", { rows: "10", "aria-label": "Payload as JSON", spellcheck: "false", hidden: true });
  const dialog = el("dialog", { "aria-labelledby": "request-title" },
    el("form", { onsubmit: submit, novalidate: true },
      el("div", { class: "head" }, el("h2", { id: "request-title" }, `Ask ${station.station_id}`), el("span", { class: "push" }, mode)),
      el("div", { class: "field" }, el("label", { for: "request-action" }, `Request (OCPP ${version})`), select),
      place, text, answer,
      el("div", { class: "foot" }, el("button", { type: "button", onclick: () => dialog.close() }, "Close"), sendButton)));
  let form = null, loading = false, waiting = false;
  const mayBeSent = () => { sendButton.disabled = loading || waiting; };
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    put(select, (await actions(version)).map((each) => el("option", { selected: each === action }, each)));
    await load(select.value, value);
  } catch (error) { put(answer, failure(error)); }

  async function load(name, value) {
    put(answer);
    loading = true; // until then the form is that of another request
    mayBeSent();
    try {
      const schema = await get(`api/schemas/${part(version)}/${part(name)}`);
      if (select.value !== name) return;
      form = new Form(schema, value);
      put(place, Object.keys(form.value).length || form.element.children.length ? form.element : el("p", { class: "note" }, "This request has no fields."));
    } catch (error) {
      if (select.value !== name) return;
      if (form) put(place, form.element);
      if (!form) put(answer, failure(error));
    }
    loading = false;
    mayBeSent();
    text.value = JSON.stringify(value, null, 2);
  }

  function turn() {
    try {
      if (text.hidden) text.value = JSON.stringify(form.value, null, 2);
    } catch { /* what is not filled in yet is not there */ }
    text.hidden = !text.hidden;
    place.hidden = !text.hidden;
    mode.textContent = text.hidden ? "As JSON" : "As a form";
  }

  async function submit(event) {
    event.preventDefault();
    let payload;
    try {
      payload = text.hidden ? form.value : JSON.parse(text.value);
    } catch (error) { put(answer, failure(error)); return; }
    waiting = true;
    mayBeSent();
    put(answer, el("p", { class: "note" }, "Waiting for the station …"));
    try {
      const result = await send("POST", `api/stations/${part(station.station_id)}/requests/${part(select.value)}`, payload);
      put(answer, el("div", { class: "said" }, `It answered${result.status ? `: ${result.status}` : "."}`), json(result));
    } catch (error) {
      put(answer, failure(error.code ? { message: `CALLERROR ${error.code}\n${error.message}` } : error));
    }
    waiting = false;
    mayBeSent();
    answer.scrollIntoView({ block: "nearest" });
  }
}

// What a start, a stop, a reset is called in each version, and what is filled in already.
export function startOf(station, evse = 1) {
  return station.ocpp_version === "1.6"
    ? ["RemoteStartTransaction", { connectorId: evse, idTag: "DEADBEEF" }]
    : ["RequestStartTransaction", { evseId: evse, remoteStartId: Math.floor(Math.random() * 1e6), idToken: { idToken: "DEADBEEF", type: "ISO14443" } }];
}

export function stopOf(station, transaction) {
  const id = transaction?.transaction_id;
  return station.ocpp_version === "1.6" ? ["RemoteStopTransaction", id ? { transactionId: Number(id) } : {}] : ["RequestStopTransaction", id ? { transactionId: id } : {}];
}

export const resetOf = (station) => ["Reset", { type: station.ocpp_version === "1.6" ? "Soft" : "OnIdle" }];
export const triggerOf = () => ["TriggerMessage", { requestedMessage: "StatusNotification" }];
