// The systems that are asked by the clock for what they have for the province: when, what came, what is wrong.

import { get } from "./api.js";
import { $, fill, h, moment, number, setText, table } from "./dom.js";
import { current, reasonText, t } from "./words.js";

let shown = null;

/** Asks again; draws only where something has changed, so that a reader is not interrupted. */
export async function showPulls() {
  let rows;
  try {
    rows = await get("/api/inbox/pulls");
  } catch (error) {
    shown = null;
    setText($("pulls-told"), error.message);
    fill($("pull-list"));
    return;
  }
  const now = JSON.stringify([current(), rows]);
  if (now === shown) return;
  shown = now;
  const wrong = rows.filter((row) => row.failures || row.left_out || row.unknown).length;
  setText($("pulls-told"), !rows.length ? t("no_pulls") : wrong ? t("pulls_wrong", number(wrong)) : t("pulls_well"));
  fill($("pull-list"), rows.length ? list(rows) : []);
}

function list(rows) {
  const heads = [t("system"), t("state"), t("pulled_at"), t("pull_kept"), t("pull_waiting"), t("pull_due")];
  return table(t("pulls"), heads, rows.map((row) => [
    row.system,
    state(row),
    row.pulled_at ? moment(row.pulled_at) : t("never_pulled"),
    number(row.kept),
    number(row.waiting),
    row.asked_by ? t("pull_now") : moment(row.due_at),
  ]));
}

function state(row) {
  const told = [];
  if (row.failures) told.push(`${t("pull_fails", moment(row.failing_since), number(row.failures))}: ${reasonText(row.reason)}`);
  if (row.unknown) told.push(t("pull_unknown", number(row.unknown)));
  if (row.left_out) told.push(t("pull_left", number(row.left_out)));
  if (!told.length) return t(row.pulled_at ? "pull_well" : "pull_first");
  return told.length === 1 ? told[0] : h("ul", { className: "troubles" }, told.map((one) => h("li", {}, one)));
}
