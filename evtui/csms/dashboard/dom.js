// Elements from values. Texts become text nodes: nothing that comes from the wire is ever read as HTML.

export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

// Replaces what is in an element.
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false).map((each) => each instanceof Node ? each : document.createTextNode(String(each))));
  return element;
}

// Sets a text only where it has changed, which spares the page a layout.
export function say(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

export const empty = (title, text = "") => el("div", { class: "empty" }, el("strong", {}, title), text);

export const failure = (error) => el("div", { class: "error", role: "alert" }, error.message ?? String(error));

// Calls a function soon, and at most once in so many milliseconds.
export function throttled(call, wait) {
  let timer = 0, last = -Infinity;
  return () => {
    if (timer) return;
    timer = setTimeout(() => { timer = 0; last = performance.now(); call(); }, Math.max(0, last + wait - performance.now()));
  };
}
