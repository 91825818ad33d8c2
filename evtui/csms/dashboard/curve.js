// The meter curve of a transaction: loaded once, then as it goes on.
import { get } from "./api.js";

const MOST = 600;

export class Curve {
  constructor(id) { this.id = id; this.at = []; this.kw = []; this.kwh = []; this.loading = null; }

  async load() {
    this.loading ??= get(`api/transactions/${this.id}/meter-values`).then(({ points }) => {
      const first = points.find((each) => each.energy_wh !== null)?.energy_wh ?? 0;
      const later = this.at.map((at, index) => [at, this.kw[index], this.kwh[index]]);
      this.at = []; this.kw = []; this.kwh = [];
      for (const each of points) this.push(each.at, each.power_w, each.energy_wh === null ? null : each.energy_wh - first);
      for (const [at, power, energy] of later) if (at > (this.at.at(-1) ?? 0)) this.push(at, power === null ? null : power * 1000, energy === null ? null : energy * 1000);
    });
    await this.loading;
    return this;
  }

  // A point of now; energy is what the transaction has delivered.
  push(at, power_w, energy_wh) {
    if (at <= (this.at.at(-1) ?? 0)) return;
    this.at.push(at);
    this.kw.push(power_w === null ? null : power_w / 1000);
    this.kwh.push(energy_wh === null ? null : energy_wh / 1000);
    if (this.at.length > MOST) for (const each of [this.at, this.kw, this.kwh]) each.shift();
  }

  get data() { return [this.at, this.kw, this.kwh]; }
}
