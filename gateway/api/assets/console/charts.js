// Two small charts a system, of the last hour; they are redrawn when a step has ended, and never else.

import uPlot from "./uPlot.esm.js";
import { h } from "./dom.js";
import { t } from "./words.js";

const MOST = 720;
/** Seconds that a chart shows at least. */
const LEAST_S = 60;
const COLUMNS = ["at", "good", "stale", "failed", "hits", "asked", "median_ms", "slow_ms"];

/** The columns of one system; one point a step, the oldest leave. */
export class History {
  constructor(columns, step) {
    this.step = step;
    for (const name of COLUMNS) this[name] = [...(columns?.[name] ?? [])];
  }

  add(point) {
    const last = this.at.at(-1);
    if (last !== undefined && point[0] <= last) return;
    COLUMNS.forEach((name, place) => {
      this[name].push(point[place]);
      if (this[name].length > MOST) this[name].shift();
    });
  }

  /** Sums and delays of the last *seconds*. */
  lately(seconds) {
    const from = Math.max(0, this.at.length - Math.ceil(seconds / this.step));
    const sum = (name) => this[name].slice(from).reduce((total, one) => total + (one ?? 0), 0);
    const most = (name) => {
      const known = this[name].slice(from).filter((one) => one !== null);
      return known.length ? Math.max(...known) : null;
    };
    const steps = this.at.length - from;
    const found = { slow: most("slow_ms"), median: most("median_ms") };
    for (const name of ["good", "stale", "failed", "hits", "asked"]) found[name] = sum(name);
    found.all = found.good + found.stale + found.failed;
    found.minutely = steps ? (found.all * 60) / (steps * this.step) : 0;
    return found;
  }

  /** Requests of a class by the minute. */
  minutely(name) {
    return this[name].map((one) => (one * 60) / this.step);
  }
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(width, height, series, least) {
  const axis = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: false },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Ho_Chi_Minh"),
    scales: { x: { range: ({ data: [at] }) => spanOf(at) }, y: { range: (_, __, most) => [0, Math.max(least, most ?? 0)] } },
    axes: [
      { ...axis, size: 24, space: 80, values: (_, ticks) => ticks.map((one) => clockOf(one, ticks.at(-1) - ticks[0] < 300)) },
      { ...axis, size: 44, space: 28 },
    ],
    series: [{}, ...series],
  };
}

/** From the first step to the last; of a page that was just opened not less than a minute. */
function spanOf(at) {
  const last = at.at(-1) ?? LEAST_S;
  return [Math.min(at[0] ?? 0, last - LEAST_S), last];
}

/** A line of one point can be seen too. */
const alone = (_, __, from, to) => to === from;

function clockOf(at, seconds) {
  const parts = { hour: "2-digit", minute: "2-digit", ...(seconds ? { second: "2-digit" } : {}) };
  return new Date(at * 1000).toLocaleTimeString("en-GB", { timeZone: "Asia/Ho_Chi_Minh", ...parts });
}

/** Both charts of one system. */
export class Charts {
  constructor() {
    this.requests = h("div", { className: "chart", role: "img" });
    this.slow = h("div", { className: "chart", role: "img" });
    this.plots = [];
    this.width = 0;
    new ResizeObserver(() => this.resize()).observe(this.requests);
  }

  get elements() {
    return [
      h("figure", {}, h("figcaption", {}, t("chart_requests"), this.legend()), this.requests),
      h("figure", {}, h("figcaption", {}, t("chart_slow")), this.slow),
    ];
  }

  legend() {
    return h(
      "span",
      { className: "legend", "aria-hidden": "true" },
      ["good", "stale", "failed"].map((name) => h("span", { className: `key ${name}` }, t(name))),
    );
  }

  data(history) {
    return [
      [history.at, history.minutely("good"), history.minutely("stale"), history.minutely("failed")],
      [history.at, history.slow_ms],
    ];
  }

  draw(history, told) {
    this.history = history;
    for (const [place, box] of [this.requests, this.slow].entries()) {
      box.setAttribute("aria-label", `${t(place ? "chart_slow" : "chart_requests")}. ${told}`);
    }
    if (!this.requests.clientWidth) return;
    if (this.plots.length) this.plots.forEach((plot, place) => plot.setData(this.data(history)[place]));
    else this.build();
  }

  build() {
    const width = (this.width = this.requests.clientWidth);
    const line = (name, more = {}) => ({ stroke: color(`--${name}`), width: 2, points: { show: alone, size: 5 }, ...more });
    const [requests, slow] = this.data(this.history);
    this.plots = [
      new uPlot(
        options(width, 110, [line("good-line"), line("stale-line", { dash: [6, 3] }), line("failed-line", { width: 3 })], 6),
        requests,
        this.requests,
      ),
      new uPlot(options(width, 90, [line("slow-line", { spanGaps: true, points: { show: true, size: 5 } })], 100), slow, this.slow),
    ];
  }

  /** After the theme has changed. */
  rebuild() {
    this.plots.forEach((plot) => plot.destroy());
    this.plots = [];
    if (this.history && this.requests.clientWidth) this.build();
  }

  resize() {
    const width = this.requests.clientWidth;
    if (!width || width === this.width || !this.history) return;
    if (!this.plots.length) this.build();
    else {
      this.width = width;
      this.plots.forEach((plot) => plot.setSize({ width, height: plot.height }));
    }
  }
}
