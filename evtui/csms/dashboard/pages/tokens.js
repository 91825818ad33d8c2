// Who may charge.
import { get, part, send } from "../api.js";
import { el, empty, failure, inTurn, put, say } from "../dom.js";

const TYPES = ["ISO14443", "ISO15693", "Central", "Local", "eMAID", "KeyCode", "MacAddress"];
const STATUSES = ["Accepted", "Blocked", "ConcurrentTx", "Expired", "Invalid", "NoCredit", "NotAllowedTypeEVSE", "NotAtThisLocation", "NotAtThisTime", "Unknown"];
const choice = (id, values) => el("select", { id, class: "wide" }, values.map((each) => el("option", {}, each)));
const field = (id, name, input) => el("div", { class: "field" }, el("label", { for: id }, name), input);

export function tokens(main) {
  const note = el("span", { class: "note" }), said = el("div", { "aria-live": "polite" }), place = el("div", {});
  const value = el("input", { id: "token-value", class: "wide", maxlength: "36", required: true, autocomplete: "off", "data-filter": "" });
  const type = choice("token-type", TYPES), status = choice("token-status", STATUSES);
  const group = el("input", { id: "token-group", class: "wide", maxlength: "36", autocomplete: "off" });
  put(main, el("div", { class: "head" }, el("h1", {}, "Tokens"), note),
    el("form", { class: "card stack", onsubmit: add }, el("div", { class: "title" }, el("h2", {}, "List a token, or change what it is worth")), el("div", { class: "facts" }, field("token-value", "Token", value), field("token-type", "Type", type), field("token-status", "Status", status), field("token-group", "Group, if any", group)), el("div", { class: "row" }, el("button", { class: "primary" }, "Save")), said),
    el("section", { class: "card" }, place));

  const turn = inTurn();
  const load = () => turn(async () => {
    try {
      const { unlisted, tokens: rows } = await get("api/id-tokens");
      say(note, `any other one is ${unlisted}`);
      put(place, rows.length ? el("div", { class: "scroll" }, el("table", { class: "stackable" }, el("thead", {}, el("tr", {}, ["Token", "Type", "Status", "Group", "EVSEs", ""].map((each) => el("th", {}, each)))),
        el("tbody", {}, rows.map((each) => el("tr", {}, el("td", { class: "mono" }, each.id_token), el("td", {}, each.type), el("td", {}, el("span", { class: `badge ${each.status === "Accepted" ? "good" : "bad"}` }, each.status)), el("td", {}, each.group?.id_token ?? "–"), el("td", {}, each.evse_ids.join(", ") || "all"),
          el("td", { class: "num" }, each.id_token === "***" ? null : el("button", { type: "button", class: "small danger", "aria-label": `Remove ${each.id_token}`, onclick: () => change("DELETE", each.type, each.id_token) }, "Remove"))))))) : empty("No token is listed.", `Any token is ${unlisted}.`));
    } catch (error) { put(place, failure(error)); }
  });

  async function change(method, type, token, body) {
    try {
      await send(method, `api/id-tokens/${part(type)}/${part(token)}`, body);
      put(said, el("div", { class: "said" }, method === "DELETE" ? "It is not listed any more." : "It is listed."));
      await load();
    } catch (error) { put(said, failure(error)); }
  }

  function add(event) {
    event.preventDefault();
    change("PUT", type.value, value.value.trim(), { status: status.value, ...(group.value.trim() ? { group: { id_token: group.value.trim() } } : {}) });
  }

  load();
}
