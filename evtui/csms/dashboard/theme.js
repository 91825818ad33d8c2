// Light, dark, or as the system has it; charts are told, as a canvas knows no style sheet.

const KEY = "evtui-theme";
const changed = new Set();
const system = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

export const onTheme = (call) => { changed.add(call); return () => changed.delete(call); };
const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

export function setUpTheme(button) {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  system.addEventListener("change", tell);
  button.addEventListener("click", toggleTheme);
}

export function toggleTheme() {
  root.dataset.theme = dark() ? "light" : "dark";
  localStorage.setItem(KEY, root.dataset.theme);
  tell();
}

function tell() { for (const call of changed) call(); }

const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

// A colour of the style sheet, as a canvas wants it.
export function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
