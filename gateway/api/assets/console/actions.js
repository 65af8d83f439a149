// The record of actions: who did what, when and why; the newest first.

import { whole } from "./api.js";
import { $, fill, h, moment, number, setText, table } from "./dom.js";
import { t } from "./words.js";

const PAGE = 50;
let rows = [];

export function readyActions() {
  $("actions-more").addEventListener("click", () => more());
}

export async function showActions() {
  rows = [];
  await more();
}

async function more() {
  const before = rows.length ? `&before=${rows.at(-1).id}` : "";
  let page;
  let kept;
  try {
    ({ data: page, meta: kept } = await whole("GET", `/api/actions?limit=${PAGE}${before}`));
  } catch (error) {
    setText($("actions-told"), error.message);
    return;
  }
  rows = [...rows, ...page];
  $("actions-more").hidden = page.length < PAGE;
  const told = [rows.length ? "" : t("no_actions"), kept?.kept === "memory" ? t("actions_in_memory", number(kept.most)) : ""];
  setText($("actions-told"), told.filter(Boolean).join(" "));
  fill($("action-list"), rows.length ? record() : h("p"));
}

function record() {
  const heads = [t("when"), t("who"), t("what"), t("target"), t("why"), t("details")];
  return table(t("actions"), heads, rows.map((one) => [
    moment(one.at), one.who, one.what, one.target, one.why, details(one.detail),
  ]));
}

const INSTANT = /^\d{4}-\d\d-\d\dT/;

function shown(value) {
  if (Array.isArray(value)) return value.length;
  return INSTANT.test(value) ? moment(value) : value;
}

const details = (detail) => Object.entries(detail).map(([name, value]) => `${name}: ${shown(value)}`).join(", ");
