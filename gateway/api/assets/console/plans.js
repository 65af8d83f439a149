// Isolations, announced maintenances and pauses: what holds now, and its end.

import { get, part } from "./api.js";
import { deed, field } from "./deed.js";
import { $, fill, h, moment, table } from "./dom.js";
import { vietnamTime } from "./upstream.js";
import { t } from "./words.js";

export async function showPlans(targets) {
  const isolations = await get("/api/isolations");
  fill($("isolation-list"), isolations.length ? isolationTable(isolations) : h("p", {}, t("no_isolations")));
  if (!targets.length) return;
  const pauses = new Map((await get("/api/pauses")).map((one) => [one.target, one]));
  fill($("pause-list"), pauseTable(targets, pauses, () => showPlans(targets)));
}

function isolationTable(isolations) {
  const heads = [t("system"), t("what"), t("from"), t("to"), t("who"), t("why"), t("deeds")];
  return table(t("isolations"), heads, isolations.map((one) => {
    const target = `${one.connector}/${one.upstream}`;
    const now = new Date(one.from) <= new Date();
    return [
      target,
      `${t(`kind_${one.kind}`)}, ${t(now ? "begun" : "later")}`,
      moment(one.from),
      moment(one.until),
      one.who,
      one.why,
      end(one, target),
    ];
  }));
}

function end(one, target) {
  const path = `/api/upstreams/${part(one.connector)}/${part(one.upstream)}`;
  const [what, where] = one.kind === "maintenance" ? ["withdraw", `${path}/maintenance/${one.id}/withdraw`] : ["release", `${path}/release`];
  return h("button", {
    type: "button",
    "aria-label": t("of", t(what), target),
    onclick: () =>
      deed({ title: t("of", t(what), target), text: t(`${what}_text`), verb: t(what), path: where, after: () => showPlans([]) }),
  }, t(what));
}

function pauseTable(targets, pauses, after) {
  return table(t("pauses"), [t("target"), t("state"), t("who"), t("why"), t("deeds")], targets.map((target) => {
    const held = pauses.get(target);
    const what = held ? "resume" : "pause";
    const button = h("button", {
      type: "button",
      "data-pause": target,
      "aria-label": t("of", t(what), target),
      onclick: () =>
        deed({
          title: t("of", t(what), target),
          text: t(`${what}_text`),
          verb: t(what),
          path: `/api/${what}`,
          body: { target },
          fields: held ? [] : [field("until", t("until_optional"), { kind: "datetime-local", read: vietnamTime })],
          after,
        }),
    }, t(what));
    const state = held ? (held.until ? t("paused_until", moment(held.until)) : t("paused")) : t("running");
    return [target, state, held?.who ?? "", held?.why ?? "", button];
  }));
}
