// The dossiers that wait, and deeds on many of them at once, tried without effect before.

import { get, part } from "./api.js";
import { deed, effectsTold } from "./deed.js";
import { $, clock, fill, h, moment, setText, table } from "./dom.js";
import { reasonText, t } from "./words.js";

const STATES = [["parked", "parked"], ["unknown", "unknown_outcome"], ["open", "open"], ["sending", "sending"], ["held", "held"], ["any", "any"]];
const MOST = 200;
const chosen = new Set();

export function readyLanes() {
  $("lane-filter").addEventListener("submit", (event) => {
    event.preventDefault();
    showLanes();
  });
}

/** The choices, in the page's language; what was chosen stays. */
export function showLaneFilter(systems) {
  const keep = (select, options) => {
    const held = select.value;
    fill(select, options.map(([value, text]) => h("option", { value }, text)));
    if (options.some(([value]) => value === held)) select.value = held;
  };
  keep($("lane-state"), STATES.map(([value, word]) => [value, t(word)]));
  keep($("lane-system"), [["", t("every_system")], ...systems.map((name) => [name, name])]);
}

export async function showLanes() {
  const system = $("lane-system").value;
  const query = new URLSearchParams({ state: $("lane-state").value, limit: MOST });
  if (system) query.set("system", system);
  let rows;
  try {
    rows = await get(`/api/lanes?${query}`);
  } catch (error) {
    setText($("lanes-told"), error.message);
    fill($("lane-list"));
    return;
  }
  setText($("lanes-told"), rows.length ? t("lanes_found", rows.length) : t("no_lanes"));
  chosen.clear();
  fill($("lane-list"), rows.length ? [many(), list(rows)] : []);
  showChosen();
}

/** What becomes of a lane now. While a process has it, when another takes it over, should that one have died. */
export function laneState({ state, head_state: head, held_by: by, held_until: until }) {
  if (state === "parked") return t("parked");
  const told = t(head === "unknown" ? "unknown_outcome" : state === "open" && by ? "sending" : state);
  return by ? `${told} (${t("in_hand", by, clock(until))})` : told;
}

function list(rows) {
  const all = h("input", { type: "checkbox", "aria-label": t("select_all") });
  const boxes = rows.map((row) => {
    const id = JSON.stringify([row.system, row.key]);
    const box = h("input", { type: "checkbox", "aria-label": t("select", row.key) });
    box.addEventListener("change", () => choose(id, box.checked));
    return [box, id];
  });
  all.addEventListener("change", () => {
    for (const [box, id] of boxes) {
      box.checked = all.checked;
      choose(id, all.checked);
    }
  });
  const heads = [all, t("code"), t("system"), t("state"), t("why"), t("waits"), t("waits_since")];
  const cells = rows.map((row, place) => [
    boxes[place][0],
    h("a", { href: `#dossier/${part(row.key)}` }, row.key),
    row.system,
    laneState(row),
    row.reason ? h("span", { title: reasonText(row.reason) }, row.reason) : "",
    String(row.waiting),
    moment(row.waiting_since),
  ]);
  return table(t("lanes"), heads, cells, 1);
}

function choose(id, on) {
  if (on) chosen.add(id);
  else chosen.delete(id);
  showChosen();
}

function many() {
  const button = (what, action) => h("button", { type: "button", "data-many": action, onclick: () => actOnMany(what, action) }, t(what));
  return h(
    "p",
    { className: "row many" },
    h("span", { id: "chosen" }),
    button("retry", "retry"),
    button("skip_order", "skip"),
    button("cancel", "cancel"),
  );
}

function showChosen() {
  const told = $("chosen");
  if (!told) return;
  setText(told, t("with_selected", chosen.size));
  for (const button of document.querySelectorAll("[data-many]")) button.disabled = chosen.size === 0;
}

/** One system at a time: that of the first that was chosen; the others stay chosen. */
function actOnMany(what, action) {
  const pairs = [...chosen].map((id) => JSON.parse(id));
  const [system] = pairs[0];
  const keys = pairs.filter(([own]) => own === system).map(([, key]) => key);
  deed({
    title: t("of", t(what), `${system} (${keys.length})`),
    text: t(`${what}_text`),
    verb: t(what),
    path: `/api/lanes/${part(system)}/${action}`,
    body: { keys },
    dry: true,
    told: effectsTold,
    after: showLanes,
  });
}
