// A card a system: its state in words and in a shape, its numbers, its charts, and what can be done.

import { Charts } from "./charts.js";
import { deed, field } from "./deed.js";
import { $, duration, fill, h, moment, number, percent, setText } from "./dom.js";
import { stateOf, Upstream } from "./upstream.js";
import { current, reasonText, t } from "./words.js";

const LATELY_S = 300;
export const cards = new Map();

export const nameOf = (system) => (current() === "vi" ? system.title : system.name.replaceAll("_", " "));

const worst = (system) =>
  ["failing", "maintenance", "isolated", "up", "unknown"].find((state) =>
    system.upstreams.some((one) => stateOf(one) === state),
  ) ?? "unknown";

class Card {
  constructor(system) {
    this.charts = new Charts();
    this.title = h("h3", { id: `card-${system.name}` });
    this.state = h("p", { className: "state" });
    this.since = h("p", { className: "since" });
    this.why = h("p", { className: "why" });
    this.numbers = h("dl", { className: "numbers" });
    this.orders = h("p", { className: "orders" });
    this.upstreams = h("div", { className: "upstreams" });
    this.rows = new Map();
    this.purge = h("button", { type: "button", onclick: () => purge(this.system) });
    this.figures = h("div", { className: "figures" });
    this.element = h(
      "article",
      { className: "card", "aria-labelledby": this.title.id, "data-system": system.name },
      h("header", {}, this.title, this.state, this.since, this.why),
      this.numbers,
      this.orders,
      this.figures,
      this.upstreams,
      h("p", { className: "row" }, this.purge),
    );
  }

  /** What changes with the language or the state. */
  show(system) {
    this.system = system;
    const state = worst(system);
    const telling = system.upstreams.find((one) => stateOf(one) === state) ?? system.upstreams[0];
    this.element.dataset.state = state;
    setText(this.title, nameOf(system));
    setText(this.state, t(state));
    this.told = telling;
    setText(this.why, telling?.why ? (state === "failing" ? reasonText(telling.why) : telling.why) : "");
    this.tick();
    this.showOrders(system.orders);
    setText(this.purge, t("purge"));
    this.purge.setAttribute("aria-label", t("of", t("purge"), nameOf(system)));
    this.showUpstreams(system);
    if (this.language !== current()) {
      this.language = current();
      fill(this.figures, this.charts.elements);
    }
  }

  showUpstreams(system) {
    const names = system.upstreams.map((one) => one.upstream);
    if (names.join() !== [...this.rows.keys()].join()) {
      this.rows = new Map(names.map((name) => [name, this.rows.get(name) ?? new Upstream(system.name, name)]));
      fill(this.upstreams, [...this.rows.values()].map((row) => row.element));
    }
    for (const one of system.upstreams) this.rows.get(one.upstream).show(one);
  }

  tick() {
    if (!this.told) return;
    const lasting = (Date.now() - new Date(this.told.since)) / 1000;
    const until = this.told.until ? `, ${t("until", moment(this.told.until))}` : "";
    setText(this.since, `${t("since", moment(this.told.since))} (${duration(lasting)})${until}`);
  }

  showOrders(orders) {
    this.orders.hidden = !orders;
    if (!orders) return;
    const told = [t("orders_told", ...[orders.waiting + orders.held, orders.sending, orders.unknown, orders.parked].map((one) => number(one)))];
    if (orders.oldest_s) told.push(t("oldest", duration(orders.oldest_s)));
    if (orders.overdue) told.push(t("overdue", number(orders.overdue)));
    setText(this.orders, `${t("orders")}: ${told.join("; ")}`);
    this.orders.classList.toggle("attention", orders.parked > 0);
  }

  measure(history) {
    const lately = history.lately(LATELY_S);
    const slow = lately.slow === null ? "–" : `${number(lately.slow)} ms`;
    const shown = [
      [t("requests"), number(lately.minutely, 1), ""],
      [t("failed_share"), percent(lately.failed, lately.all), lately.failed ? "bad" : ""],
      [t("stale_share"), percent(lately.stale, lately.all), lately.stale ? "old" : ""],
      [t("slow"), slow, ""],
      [t("hits"), percent(lately.hits, lately.asked), ""],
    ];
    if (this.numbers.childElementCount !== shown.length) {
      fill(this.numbers, shown.map(() => h("div", {}, h("dt"), h("dd"))));
    }
    shown.forEach(([name, value, kind], place) => {
      const box = this.numbers.children[place];
      setText(box.firstChild, name);
      setText(box.lastChild, value);
      box.lastChild.className = kind;
    });
    this.numbers.setAttribute("aria-label", t("last_minutes"));
    const told = t("chart_told", nameOf(this.system), number(lately.minutely, 1), percent(lately.failed, lately.all), slow);
    this.charts.draw(history, told);
  }
}

const purge = (system) =>
  deed({
    title: t("of", t("purge"), nameOf(system)),
    text: t("purge_text"),
    verb: t("purge"),
    path: "/api/purge",
    fields: [
      field("operation", t("operation"), {
        choices: [
          [`${system.name}.*`, t("all_operations", nameOf(system))],
          ...system.operations.map((name) => [`${system.name}.${name}`, name]),
        ],
      }),
      field("subject", t("subject"), { maxLength: 200, autocomplete: "off" }),
    ],
  });

/** Shows all systems, those in trouble first, in a sequence that does not jump with each change. */
export function showSystems(systems, histories) {
  const box = $("cards");
  for (const system of systems) {
    let card = cards.get(system.name);
    if (!card) {
      cards.set(system.name, (card = new Card(system)));
      box.append(card.element);
    }
    card.show(system);
  }
  for (const [name, card] of cards) {
    if (!systems.some((system) => system.name === name)) {
      card.element.remove();
      cards.delete(name);
    } else if (histories.has(name)) card.measure(histories.get(name));
  }
}

export function measureSystems(histories) {
  for (const [name, card] of cards) if (histories.has(name)) card.measure(histories.get(name));
}

export const tickSystems = () => cards.forEach((card) => card.tick());
export const recolorSystems = () => cards.forEach((card) => card.charts.rebuild());
