// A card a system: its state in words and in a shape, its numbers, its charts, and what can be done.

import { Charts } from "./charts.js";
import { deed, field } from "./deed.js";
import { $, duration, fill, h, moment, number, percent, setText } from "./dom.js";
import { part } from "./api.js";
import { current, reasonText, t } from "./words.js";

const LATELY_S = 300;
const cards = new Map();

export const stateOf = (upstream) =>
  upstream.state === "isolated" && upstream.isolations.some((one) => one.kind === "maintenance" && begun(one))
    ? "maintenance"
    : upstream.state;

export const nameOf = (system) => (current() === "vi" ? system.title : system.name.replaceAll("_", " "));

const begun = (one) => new Date(one.from) <= new Date();
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
    const shown = JSON.stringify([system.upstreams, current()]);
    if (shown !== this.shown) {
      this.shown = shown;
      this.keepFocus(() => fill(this.upstreams, system.upstreams.map((one) => upstreamRow(system, one))));
    }
    if (this.language !== current()) {
      this.language = current();
      fill(this.figures, this.charts.elements);
    }
  }

  /** A button that has the focus has it after it was made anew. */
  keepFocus(change) {
    const held = this.upstreams.contains(document.activeElement) ? document.activeElement.dataset.deed : null;
    change();
    if (held) this.upstreams.querySelector(`[data-deed="${CSS.escape(held)}"]`)?.focus();
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

const placeOf = (seen) => (seen.worker === null ? seen.instance : `${seen.instance} #${seen.worker}`);

function upstreamRow(system, one) {
  const path = `/api/upstreams/${part(system.name)}/${part(one.upstream)}`;
  const target = `${system.name}/${one.upstream}`;
  const button = (what, listener) =>
    h("button", {
      type: "button", onclick: listener, "data-deed": `${what} ${target}`, "aria-label": t("of", t(what), target),
    }, t(what));
  const isolated = one.state === "isolated";
  const facts = [
    [t("breaker"), t(`breaker_${one.breaker}`), one.breaker === "closed" ? "" : "bad"],
    [
      t("in_flight"),
      `${number(one.in_flight)} / ${number(one.limit)}${one.waiting ? `, ${t("waiting_places", number(one.waiting))}` : ""}`,
      "",
    ],
    [t("quota"), one.quota ? t("quota_left", number(one.quota.left), number(one.quota.per_day)) : t("no_quota"), one.quota && !one.quota.left ? "bad" : ""],
  ];
  const apart = one.elsewhere.filter((seen) => seen.state !== "closed");
  if (one.elsewhere.length) {
    const well = one.elsewhere.length - apart.length;
    const told = apart.map((seen) => `${placeOf(seen)}: ${t(`breaker_${seen.state}`)}, ${t("since", moment(seen.since))}`);
    if (well) told.push(t("breakers_closed", number(well)));
    facts.splice(1, 0, [t("breaker_elsewhere"), told.join("; "), apart.length ? "bad" : ""]);
  }
  const failures = [...one.failures].reverse().slice(0, 3);
  return h(
    "section",
    { className: "upstream", "aria-label": target, "data-upstream": one.upstream },
    h("h4", {}, one.upstream, " ", h("span", { className: `mark ${stateOf(one)}` }, t(stateOf(one)))),
    h("dl", { className: "facts" }, facts.map(([name, value, kind]) => h("div", {}, h("dt", {}, name), h("dd", { className: kind }, value)))),
    one.isolations
      .filter((plan) => plan.kind === "maintenance" && !begun(plan))
      .map((plan) => h("p", { className: "plan" }, `${t("announced", moment(plan.from), moment(plan.until))} (${plan.why})`)),
    failures.length
      ? h(
          "details",
          {},
          h("summary", {}, `${t("last_failures")} (${failures.length})`),
          h("ul", {}, failures.map((seen) => h("li", {}, `${moment(seen.at)} ${seen.operation} ${seen.reason}: ${reasonText(seen.reason)}`))),
        )
      : null,
    h(
      "p",
      { className: "row" },
      isolated ? button("release", () => release(path, target)) : button("isolate", () => isolate(path, target)),
      button("announce", () => announce(path, target)),
      !isolated && (one.breaker !== "closed" || apart.some((seen) => seen.state !== "isolated")) ? button("close_breaker", () => closeBreaker(path, target)) : null,
    ),
  );
}

const isolate = (path, target) =>
  deed({
    title: t("of", t("isolate"), target),
    text: t("isolate_text"),
    verb: t("isolate"),
    path: `${path}/isolate`,
    fields: [
      field("minutes", t("minutes"), { kind: "number", min: 1, max: 10080, value: "30", required: true, read: Number }),
    ],
  });

const release = (path, target) =>
  deed({ title: t("of", t("release"), target), text: t("release_text"), verb: t("release"), path: `${path}/release` });

const closeBreaker = (path, target) =>
  deed({
    title: t("of", t("close_breaker"), target), text: t("close_breaker_text"), verb: t("close_breaker"), path: `${path}/close-breaker`,
  });

/** Vietnam's time, which has no summer time, whatever the browser's is. */
export const vietnamTime = (given) => (given ? `${given}:00+07:00` : undefined);
export const forInput = (when) => new Date(when.getTime() + 7 * 3600000).toISOString().slice(0, 16);

const announce = (path, target) => {
  const from = new Date(Date.now() + 3600000);
  return deed({
    title: t("of", t("announce"), target),
    text: t("announce_text"),
    verb: t("announce"),
    path: `${path}/maintenance`,
    fields: [
      field("from", t("from"), { kind: "datetime-local", value: forInput(from), required: true, read: vietnamTime }),
      field("until", t("to"), {
        kind: "datetime-local", value: forInput(new Date(from.getTime() + 7200000)), required: true, read: vietnamTime,
      }),
    ],
  });
};

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
