// A station as a card: state, kW, kWh, and the curve of its session.
import { on } from "./events.js";
import { Curve } from "./curve.js";
import { el, say } from "./dom.js";
import { kw, kwh, stateOf } from "./format.js";
import { spark } from "./chart.js";
import { part } from "./api.js";

export class StationCard {
  constructor(row) {
    this.state = el("span", { class: "badge" });
    this.model = el("div", { class: "note" });
    this.power = el("span");
    this.energy = el("span");
    this.powerBox = el("div", { class: "figure power" }, this.power, el("small", {}, "kW"));
    this.energyBox = el("div", { class: "figure energy" }, this.energy, el("small", {}, "kWh"));
    this.place = el("div", { class: "spark", "aria-hidden": "true" });
    this.element = el("a", { class: "card station", href: `#/stations/${part(row.station_id)}` },
      el("div", { class: "top" }, el("span", { class: "name", title: row.station_id }, row.station_id), this.state),
      this.model, el("div", { class: "figures" }, this.powerBox, this.energyBox), this.place);
    this.chart = spark(this.place);
    this.curve = null;
    this.last = null;
    this.set(row);
  }

  set(row) {
    const [word, look] = stateOf(row);
    say(this.state, word);
    this.state.className = `badge ${look}`;
    say(this.model, [row.vendor, row.model].filter(Boolean).join(" ") || "has not booted here yet");
    const running = row.transactions.at(-1);
    if (running) this.show(running);
    else if (this.last) this.show({ ...this.last, power_w: 0 }, true);
    say(this.power, running ? kw(row.power_w) : kw(0));
    say(this.energy, running ? kwh(row.transactions.reduce((sum, each) => sum + (each.energy_wh ?? 0), 0)) : this.last ? kwh(this.last.energy_wh) : "–");
    this.powerBox.classList.toggle("none", !running);
    this.energyBox.classList.toggle("none", !running && !this.last);
  }

  show(transaction, over = false) {
    this.last = transaction;
    if (over) return;
    if (this.curve?.id !== transaction.id) {
      const curve = this.curve = new Curve(transaction.id);
      curve.load().then(() => { if (this.curve === curve) this.chart.set(curve.data); }, () => {});
    } else {
      this.curve.push(Date.now() / 1000, transaction.power_w, transaction.energy_wh);
      this.chart.set(this.curve.data);
    }
  }

  gone() { this.chart.gone(); }
}

// Cards of stations in a grid, kept up by events.
export class StationCards {
  constructor() {
    this.element = el("div", { class: "cards" });
    this.cards = new Map();
    this.off = on("station", (row) => this.cards.get(row.station_id)?.set(row));
  }

  set(rows) {
    const wanted = new Set(rows.map((each) => each.station_id));
    for (const [id, card] of this.cards) if (!wanted.has(id)) { card.gone(); card.element.remove(); this.cards.delete(id); }
    for (const row of rows) {
      const card = this.cards.get(row.station_id);
      if (card) card.set(row);
      else this.cards.set(row.station_id, new StationCard(row));
    }
    const elements = rows.map((each) => this.cards.get(each.station_id).element);
    if (elements.some((each, index) => this.element.children[index] !== each)) this.element.replaceChildren(...elements);
  }

  gone() { this.off(); for (const card of this.cards.values()) card.gone(); }
}
