// uPlot charts in the page's colours, as wide as their place, gone with it.
import uPlot from "./uplot/uPlot.esm.js";
import { el } from "./dom.js";
import { colour, onTheme } from "./theme.js";
import { time } from "./format.js";

const PLAIN = { width: 0, height: 0, cursor: { show: false }, legend: { show: false }, axes: [{ show: false }, { show: false }] };

const line = (name, scale, label, small) => ({
  label, scale, width: small ? 1.5 : 2, stroke: () => colour(name), spanGaps: true, points: { show: false },
  ...(name === "energy" ? {} : { fill: () => colour(`${name}-fill`) }),
});

const axis = (scale, side, unit) => ({
  scale, side, size: 52, stroke: () => colour("dim"), font: "12px system-ui, sans-serif", ticks: { show: false }, gap: 6,
  grid: { show: side !== 1, stroke: () => colour("line"), width: 1 },
  values: (_, values) => values.map((each) => each === null ? "" : `${+each.toFixed(2)}${unit}`),
});

// From 0 up, and a round figure above what is highest.
const fromZero = (least) => ({ range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(least, (high ?? 0) * 1.12)] });

class Chart {
  constructor(place, options) {
    this.place = place;
    this.options = options;
    this.data = null;
    this.plot = null;
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(place);
    this.offTheme = onTheme(() => this.plot?.redraw(false));
  }

  set(data) {
    this.data = data;
    if (this.plot) this.plot.setData(data);
    else this.draw();
  }

  draw() {
    const width = Math.floor(this.place.clientWidth), height = this.place.clientHeight;
    if (!this.data || width < 20 || !this.place.isConnected) return;
    if (!this.plot) this.plot = new uPlot({ ...this.options, width, height }, this.data, this.place);
    else if (this.plot.width !== width) this.plot.setSize({ width, height });
  }

  gone() {
    this.sizes.disconnect();
    this.offTheme();
    this.plot?.destroy();
  }
}

// kW as an area and kWh as a line, without axes.
export function spark(place) {
  return new Chart(place, { ...PLAIN, padding: [3, 0, 2, 0], scales: { x: {}, kw: fromZero(1), kwh: fromZero(0.1) }, series: [{}, line("power", "kw", "kW", true), line("energy", "kwh", "kWh", true)] });
}

// Lines over time: [colour, unit] each, the first with its axis on the left. What the cursor points at is told in words.
export function chart(place, lines) {
  const legends = lines.map(([name, unit]) => el("span", { class: `legend ${name}` }, unit));
  const shown = (plot) => lines.forEach(([, unit], index) => {
    const at = plot.cursor.idx ?? plot.data[0].length - 1;
    const value = plot.data[index + 1]?.[at];
    legends[index].textContent = value === null || value === undefined ? unit : `${value.toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}${plot.cursor.idx === null || plot.cursor.idx === undefined ? "" : ` at ${time(plot.data[0][at])}`}`;
  });
  const scales = { x: {} };
  for (const [name] of lines) scales[name] = fromZero(name === "rate" ? 5 : 1);
  const made = new Chart(place, {
    width: 0, height: 0, padding: [8, 4, 0, 0], scales, legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    series: [{}, ...lines.map(([name, unit]) => line(name, name, unit))],
    axes: [
      { stroke: () => colour("dim"), font: "12px system-ui, sans-serif", grid: { show: false }, ticks: { show: false }, gap: 4, space: 64, size: 30, values: (_, values) => values.map(time) },
      ...lines.map(([name], index) => axis(name, index ? 1 : 3, "")),
    ],
    hooks: { setCursor: [shown], setData: [shown], ready: [shown] },
  });
  made.legends = legends;
  return made;
}
