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

// Calls a function soon, and at most once in so many milliseconds; what it awaits is over before it is called again, so
// that no answer takes the place of a newer one.
export function throttled(call, wait) {
  let timer = 0, last = -Infinity, busy = false, again = false;
  const soon = () => {
    again = busy;
    if (timer || busy) return;
    timer = setTimeout(async () => {
      timer = 0;
      last = performance.now();
      busy = true;
      try { await call(); } finally {
        busy = false;
        if (again) soon();
      }
    }, Math.max(0, last + wait - performance.now()));
  };
  return soon;
}

// Gives a function that calls others one after the other: each begins when what the one before it awaits is over.
export function inTurn() {
  let last = Promise.resolve();
  return (call) => last = last.then(call);
}
