// The page: navigation, the link to the CSMS, and one view at a time.
import { get } from "./api.js";
import { el, failure, put, say } from "./dom.js";
import { listen, on } from "./events.js";
import { help, setUpKeys } from "./keys.js";
import { setUpTheme } from "./theme.js";
import { overview } from "./pages/overview.js";
import { stations } from "./pages/stations.js";
import { station } from "./pages/station.js";
import { transaction, transactions } from "./pages/transactions.js";
import { frames } from "./pages/frames.js";
import { tokens } from "./pages/tokens.js";
import { findings } from "./pages/findings.js";

const PAGES = [["", "Overview", overview], ["stations", "Stations", stations, station], ["transactions", "Transactions", transactions, transaction], ["frames", "Frames", frames], ["tokens", "Tokens", tokens], ["findings", "Findings", findings]];

const main = document.getElementById("main");
const links = new Map(PAGES.map(([path, name]) => [path, el("a", { href: `#/${path}` }, name)]));
let leave = () => {};

// A view gets its place and gives what is to be done when it is left.
function show() {
  const [, path = "", id = ""] = location.hash.split("?")[0].split("/");
  const page = PAGES.find(([each]) => each === path) ?? PAGES[0];
  const query = new URLSearchParams(location.hash.split("?")[1] ?? "");
  leave();
  for (const [each, link] of links) each === page[0] ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  document.title = `${id ? decoded(id) : page[1]} · evtui CSMS`;
  put(main);
  scrollTo(0, 0);
  leave = (id && page[3] ? page[3](main, decoded(id), query) : page[2](main, query)) ?? (() => {});
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

put(document.getElementById("nav"), [...links.values()]);
setUpTheme(document.getElementById("theme"));
setUpKeys();
document.getElementById("help").addEventListener("click", help);
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

const link = document.getElementById("link"), trouble = document.getElementById("trouble");
on("link", (live) => { say(link, live ? "live" : "no connection"); link.className = `link ${live ? "live" : "lost"}`; });
on("status", (status) => { trouble.hidden = !status.trouble; say(trouble, status.trouble ? `Nothing can be kept at the moment: ${status.trouble}` : ""); });
addEventListener("unhandledrejection", (event) => { event.preventDefault(); main.prepend(failure(event.reason)); });

get("api/status").then(() => { addEventListener("hashchange", show); show(); listen(); }, (error) => put(main, failure(error)));
