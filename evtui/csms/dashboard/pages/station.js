// One station: what it is, what it does, and what it can be asked.
import { get, part, query, send } from "../api.js";
import { el, empty, failure, put, say, throttled } from "../dom.js";
import { on } from "../events.js";
import { count, moment, stateOf, statusClass } from "../format.js";
import { findingsOf, findingTable } from "../finding_table.js";
import { frameRow, hideFrame, showFrame } from "../frame_row.js";
import { openRequest, resetOf, startOf, stopOf, triggerOf } from "../request.js";
import { curveOf, facts, transactionTable } from "./transactions.js";

const FRAMES = 15;

export function station(main, id) {
  const state = el("span", { class: "badge" }), said = el("div", { "aria-live": "polite" });
  const about = el("div", {}), connectors = el("div", {}), sessions = el("div", {}), notices = el("div", {});
  const curvePlace = el("div", {}), curveTitle = el("span", { class: "note" });
  const model = el("div", {}), modelNote = el("span", { class: "note" }), findings = el("div", {});
  const list = el("ol", { class: "frames" }), framePlace = el("div", {});
  let view = null, curve = null, open = null, modelAsked = false;

  const running = () => view?.station.transactions.at(-1);
  const act = (of) => () => view && openRequest(view.station, ...of());
  const buttons = [
    el("button", { type: "button", class: "primary", onclick: act(() => startOf(view.station)) }, "Start"),
    el("button", { type: "button", onclick: act(() => stopOf(view.station, running())) }, "Stop"),
    el("button", { type: "button", onclick: act(() => triggerOf()) }, "Trigger"),
    el("button", { type: "button", class: "danger", onclick: act(() => resetOf(view.station)) }, "Reset"),
    el("button", { type: "button", "data-request": "", title: "Any request (r)", onclick: act(() => []) }, "Other request …"),
  ];
  const search = el("input", { type: "search", class: "search", placeholder: "Component or variable", "aria-label": "Search the device model", "data-filter": "", oninput: () => drawModel() });
  const fetchModel = el("button", { type: "button", class: "small", onclick: askModel }, "Ask for it");

  put(main,
    el("div", { class: "head" }, el("h1", {}, id), state, el("div", { class: "row push" }, buttons)), said,
    el("section", { class: "card stack" }, about, connectors),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Meter"), curveTitle), curvePlace),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Transactions")), sessions),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Frames"), el("a", { class: "push", href: `#/frames${query({ station: id })}` }, "All of them")), el("div", { class: "split" }, list, framePlace)),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Findings")), findings),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Device model"), modelNote, el("span", { class: "push" }, fetchModel)), model),
    el("section", { class: "card" }, el("div", { class: "title" }, el("h2", {}, "Notices"), el("span", { class: "note" }, "what it reported once")), notices));

  function row(station) {
    const [word, look] = stateOf(station);
    say(state, word);
    state.className = `badge ${look}`;
    for (const button of buttons) button.disabled = !station.connected;
    buttons[1].disabled ||= !station.transactions.length;
    put(connectors, el("div", { class: "row" }, station.connectors.map((each) => el("span", { class: `badge ${statusClass(each.status)}`, title: `since ${moment(each.at)}` }, `EVSE ${each.evse_id}, connector ${each.connector_id}: ${each.status}`))));
  }

  function draw() {
    const { station, boot } = view;
    row(station);
    put(about, facts([
      ["Vendor", boot?.vendor], ["Model", boot?.model], ["Serial number", boot?.serial_number], ["Firmware", boot?.firmware_version], ["OCPP", station.ocpp_version], ["Registration", station.registration ?? "none yet"],
      ["Booted", boot && `${moment(boot.at)} (${boot.reason})`], ["Connected since", station.connected_since && moment(station.connected_since)], ["Last seen", moment(station.last_seen)],
      ["Messages", `${count(station.messages_received)} from it, ${count(station.messages_sent)} to it`], ["Firmware update", view.firmware_status], ["Log upload", view.log_status],
    ]));
    put(sessions, view.transactions.length ? transactionTable(view.transactions, false) : empty("No transaction yet.", "Start one: the car has to be plugged in, or will be awaited."));
    put(notices, view.notices.length ? el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, [...view.notices].reverse().slice(0, 50).map((each) => el("tr", {}, el("td", { class: "tight" }, moment(each.at)), el("td", {}, each.action), el("td", {}, each.text)))))) : empty("Nothing yet."));
    const wanted = running() ?? view.transactions[0];
    if (wanted && curve?.id !== wanted.id) {
      curve?.gone();
      curve = { id: wanted.id, ...curveOf(wanted.id) };
      put(curvePlace, curve.element);
    } else if (!wanted) put(curvePlace, empty("No meter values yet.", "They stand here when a transaction has some."));
    say(curveTitle, wanted ? (wanted.ended_at === null ? `of transaction #${wanted.id}, which runs` : `of transaction #${wanted.id}, which has ended`) : "");
  }

  let variables = [];
  function drawModel() {
    const text = search.value.trim().toLowerCase();
    const found = variables.filter((each) => !text || each.name.toLowerCase().includes(text));
    say(modelNote, variables.length ? `${count(found.length)}${text ? ` of ${count(variables.length)}` : ""} variables` : "");
    if (!variables.length) { put(model, empty("The station has not reported it.", "Ask for it: it answers GetBaseReport in pages.")); return; }
    const table = el("div", { class: "scroll tall", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, ["Variable", "Value", "Kind"].map((each) => el("th", {}, each)))),
      el("tbody", {}, found.slice(0, 200).map((each) => el("tr", {}, el("td", { class: "mono" }, each.name), el("td", {}, each.attributes.map((a) => `${a.type === "Actual" ? "" : `${a.type} `}${a.value ?? "–"}`).join(", "), each.unit ? el("span", { class: "dim" }, ` ${each.unit}`) : null), el("td", { class: "dim" }, [each.data_type, each.attributes[0]?.mutability].filter(Boolean).join(", ")))))));
    const kept = model.firstChild?.contains?.(search);
    if (kept) { model.lastChild.replaceWith(el("div", {}, table, found.length > 200 ? el("p", { class: "note" }, "The first 200 are shown; search for the others.") : null)); return; }
    put(model, el("div", { class: "row" }, search), el("div", {}, table));
  }

  async function askModel() {
    fetchModel.disabled = true;
    try {
      const answer = await send("POST", `api/stations/${part(id)}/requests/GetBaseReport`, { requestId: Math.floor(Math.random() * 1e6), reportBase: "FullInventory" });
      put(said, el("div", { class: answer.status === "Accepted" ? "said" : "error" }, `GetBaseReport: ${answer.status}`));
      modelAsked = true; // it comes in pages, each of which changes the station
    } catch (error) { put(said, failure(error)); }
    fetchModel.disabled = false;
  }

  const loadModel = throttled(async () => {
    try { variables = (await get(`api/stations/${part(id)}`)).device_model; drawModel(); } catch (error) { put(model, failure(error)); }
  }, 1000);

  const load = throttled(async () => {
    try {
      view = await get(`api/stations/${part(id)}?device_model=false`);
      draw();
    } catch (error) { put(said, failure(error)); }
  }, 1000);

  const loadFindings = throttled(async () => {
    const found = await findingsOf(id);
    put(findings, found.length ? findingTable(found) : empty("The linter has found nothing wrong."));
  }, 3000);

  const loadFrames = throttled(async () => {
    const { frames } = await get(`api/frames${query({ station: id, limit: FRAMES })}`).catch(() => ({ frames: [] }));
    if (list.contains(document.activeElement) || open !== null) return;
    put(list, frames.length ? frames.reverse().map((each) => frameRow(each, show)) : el("li", {}, empty("No frames are kept.")));
  }, 1000);

  function show(frame, button) {
    open?.removeAttribute("aria-current");
    open = button;
    button.setAttribute("aria-current", "true");
    list.parentElement.classList.add("open");
    framePlace.className = "aside card";
    showFrame(framePlace, frame.number, () => { open?.removeAttribute("aria-current"); open?.focus(); open = null; hideFrame(framePlace); framePlace.className = ""; list.parentElement.classList.remove("open"); });
  }

  load(); loadModel(); loadFrames(); loadFindings();
  const mine = (call) => (data, stationId, at) => { if (stationId === id) call(data, at); };
  const off = [
    on("station", mine((now) => { if (view) { view.station = now; row(now); } load(); loadFrames(); if (modelAsked) loadModel(); })),
    on("transaction", mine((now, at) => { curve?.take(now, at); })),
    on("finding", mine(() => loadFindings())),
    on("frame", mine(() => loadFrames())),
  ];
  return () => { for (const each of off) each(); curve?.gone(); };
}
