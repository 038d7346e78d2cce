// What the live page and profiles share: numbers as people write them, elements, colours, hints.
"use strict";

/** A byte size with three digits, as the engine writes it. */
function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit + 1 < units.length) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${units[unit]}`;
}

/** Seconds as people write them. */
function formatSeconds(s) {
  if (s < 0.0009995) return `${Math.round(s * 1e6)} µs`;
  if (s < 0.09995) return `${(s * 1e3).toFixed(1)} ms`;
  if (s < 0.9995) return `${Math.round(s * 1e3)} ms`;
  if (s < 9.995) return `${s.toFixed(2)} s`;
  if (s < 99.95) return `${s.toFixed(1)} s`;
  if (s < 5999.5) return `${Math.floor(Math.round(s) / 60)} min ${String(Math.round(s) % 60).padStart(2, "0")} s`;
  const minutes = Math.round(s / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Whole seconds, for what changes while one looks at it. */
function formatClock(s) {
  return s < 60 ? `${Math.round(s)} s` : formatSeconds(Math.max(s, 100));
}

function formatCount(n) {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function plural(n, word) {
  return `${formatCount(n)} ${word}${n === 1 ? "" : "s"}`;
}

/** A name that may be as long as a program makes it. */
function shortened(name, most = 140) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/** An element with attributes and children; texts are texts, never markup. */
function element(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "path", "text", "line", "title", "clipPath", "defs", "circle"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Changes a text only where it is another: what stays is not painted again. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Makes the children of a node those of a list, keeping the elements of items that stay. */
function keep(parent, items, key, make, update) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, i) => {
    const name = String(key(item));
    let child = before.get(name);
    before.delete(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
    update(child, item);
  });
  for (const child of before.values()) child.remove();
}

/** The colour of an operation: the same name has the same colour wherever it is. */
const colors = {
  known: new Map(),
  variable(name) {
    if (!this.known.has(name)) this.known.set(name, this.known.size % 8);
    return `--c${this.known.get(name)}`;
  },
  css(name) {
    return `var(${this.variable(name)})`;
  },
  /** As a canvas needs it; looked up once until the theme changes. */
  resolved: new Map(),
  token(variable) {
    let value = this.resolved.get(variable);
    if (!value) {
      value = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
      this.resolved.set(variable, value);
    }
    return value;
  },
};

/** Light or dark: what the system says until the reader says otherwise. */
function setUpTheme(button, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("graticule-theme");
  } catch {
    // A page without storage follows the system.
  }
  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    button.textContent = dark ? "Light" : "Dark";
    colors.resolved.clear();
    changed();
  };
  button.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("graticule-theme", chosen);
    } catch {
      // The choice lasts as long as the page.
    }
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

/** The hint beside the pointer. */
const tip = {
  show(event, title, lines) {
    const box = document.getElementById("tip");
    box.replaceChildren(element("b", {}, title), ...lines.map((line) => element("div", { class: "muted" }, line)));
    box.hidden = false;
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 8)}px`;
    box.style.top = `${event.clientY + 16 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 16}px`;
  },
  hide() {
    document.getElementById("tip").hidden = true;
  },
};

/** A canvas as sharp as the screen; gives its context and size. */
function prepareCanvas(canvas, height) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.parentElement.clientWidth;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1;
  context.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  return { context, width, height };
}

/** Marks on an axis of numbers: about `count` of them, at 1, 2 or 5 times a power of `base`. */
function ticks(from, to, count, base = 10) {
  const rough = (to - from) / Math.max(count, 1);
  if (!(rough > 0)) return [];
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const steps = base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
  const step = steps.map((s) => s * power).find((s) => s >= rough * 0.999) ?? rough;
  const marks = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i += 1) marks.push(i * step);
  return marks;
}
