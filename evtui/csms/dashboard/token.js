// The token that other machines show: kept as long as this tab lives, and nowhere else.
import { el } from "./dom.js";

const KEY = "evtui-token";
let asking = null;

export function token() { return sessionStorage.getItem(KEY) ?? ""; }

// Resolves when a token was given.
export function askToken(wrong) {
  asking ??= new Promise((given) => {
    const input = el("input", { id: "token", type: "password", autocomplete: "off", required: true, class: "wide" });
    const dialog = el("dialog", { "aria-labelledby": "token-title" },
      el("form", { method: "dialog" },
        el("h2", { id: "token-title" }, "This CSMS wants a token"),
        el("p", { class: "note" }, "It is the one that was named with --web-token-env or --web-token-file."),
        wrong ? el("div", { class: "error", role: "alert" }, "That was not the token.") : null,
        el("div", { class: "field" }, el("label", { for: "token" }, "Token"), input),
        el("div", { class: "foot" }, el("button", { class: "primary" }, "Go on"))));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(KEY, input.value.trim());
      dialog.remove();
      asking = null;
      given();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}
