// One upstream of a system, on its card: what is known of it, and what can be done about it.

import { part } from "./api.js";
import { deed, field } from "./deed.js";
import { fill, h, moment, number, setText } from "./dom.js";
import { current, reasonText, t } from "./words.js";

const SHOWN = 3;
const begun = (one) => new Date(one.from) <= new Date();

export const stateOf = (upstream) =>
  upstream.state === "isolated" && upstream.isolations.some((one) => one.kind === "maintenance" && begun(one))
    ? "maintenance"
    : upstream.state;

/** Its elements are changed and never made anew: a press that falls on a change is not lost, what is open stays so. */
export class Upstream {
  constructor(system, name) {
    this.path = `/api/upstreams/${part(system)}/${part(name)}`;
    this.target = `${system}/${name}`;
    this.mark = h("span");
    this.facts = h("dl", { className: "facts" }, [0, 1, 2, 3].map(() => h("div", {}, h("dt"), h("dd"))));
    this.plans = h("div");
    this.summary = h("summary");
    this.failures = h("ul");
    this.last = h("details", { hidden: true }, this.summary, this.failures);
    this.deeds = { isolate, release, announce, close_breaker: closeBreaker };
    this.buttons = new Map(Object.keys(this.deeds).map((what) => [what, this.button(what)]));
    this.element = h(
      "section",
      { className: "upstream", "aria-label": this.target, "data-upstream": name },
      h("h4", {}, name, " ", this.mark),
      this.facts,
      this.plans,
      this.last,
      h("p", { className: "row" }, [...this.buttons.values()]),
    );
  }

  button(what) {
    return h("button", { type: "button", onclick: () => this.deeds[what](this.path, this.target) });
  }

  show(one) {
    const shown = JSON.stringify([one, stateOf(one), current()]);
    if (shown === this.shown) return;
    this.shown = shown;
    setText(this.mark, t(stateOf(one)));
    this.mark.className = `mark ${stateOf(one)}`;
    this.showFacts(one);
    const announced = one.isolations.filter((plan) => plan.kind === "maintenance" && !begun(plan));
    fill(this.plans, announced.map((plan) => h("p", { className: "plan" }, announcement(plan))));
    const failures = [...one.failures].reverse().slice(0, SHOWN);
    this.last.hidden = !failures.length;
    setText(this.summary, `${t("last_failures")} (${failures.length})`);
    fill(this.failures, failures.map((seen) => h("li", {}, failureText(seen))));
    this.showButtons(one);
  }

  showFacts(one) {
    const waiting = one.waiting ? `, ${t("waiting_places", number(one.waiting))}` : "";
    const { quota } = one;
    const facts = [
      [t("breaker"), t(`breaker_${one.breaker}`), one.breaker === "closed" ? "" : "bad"],
      [t("breaker_elsewhere"), elsewhere(one), apart(one).length ? "bad" : ""],
      [t("in_flight"), `${number(one.in_flight)} / ${number(one.limit)}${waiting}`, ""],
      [
        t("quota"),
        quota ? t("quota_left", number(quota.left), number(quota.per_day)) : t("no_quota"),
        quota && !quota.left ? "bad" : "",
      ],
    ];
    facts.forEach(([name, value, kind], place) => {
      const box = this.facts.children[place];
      box.hidden = !value;
      setText(box.firstChild, name);
      setText(box.lastChild, value);
      box.lastChild.className = kind;
    });
  }

  /** Those that make sense; where the one that has the focus leaves, its opposite takes it. */
  showButtons(one) {
    const isolated = one.state === "isolated";
    const open = one.breaker !== "closed" || apart(one).some((seen) => seen.state !== "isolated");
    const left = { isolate: isolated, release: !isolated, close_breaker: isolated || !open };
    const held = document.activeElement;
    for (const [what, button] of this.buttons) {
      setText(button, t(what));
      button.setAttribute("aria-label", t("of", t(what), this.target));
      button.hidden = left[what] ?? false;
    }
    if (held?.hidden && this.element.contains(held)) this.buttons.get(isolated ? "release" : "isolate").focus();
  }
}

const placeOf = (seen) => (seen.worker === null ? seen.instance : `${seen.instance} #${seen.worker}`);
const apart = (one) => one.elsewhere.filter((seen) => seen.state !== "closed");

/** The breakers of the other processes: those that are not closed one by one, the others as a number. */
function elsewhere(one) {
  const told = apart(one).map(
    (seen) => `${placeOf(seen)}: ${t(`breaker_${seen.state}`)}, ${t("since", moment(seen.since))}`,
  );
  const well = one.elsewhere.length - told.length;
  if (well) told.push(t("breakers_closed", number(well)));
  return told.join("; ");
}

const announcement = (plan) => `${t("announced", moment(plan.from), moment(plan.until))} (${plan.why})`;
const failureText = (seen) => `${moment(seen.at)} ${seen.operation} ${seen.reason}: ${reasonText(seen.reason)}`;

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

