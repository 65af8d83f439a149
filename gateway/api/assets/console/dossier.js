// One dossier by either of its codes: what was sent and answered, what is missing, and what can be done about it.

import { get, part, post } from "./api.js";
import { deed, effectsTold, field } from "./deed.js";
import { $, fill, h, moment, setText, table } from "./dom.js";
import { laneState } from "./lanes.js";
import { reasonText, t } from "./words.js";

let code = "";

export function readyDossier() {
  $("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = $("code").value.trim();
    if (wanted) location.hash = `#dossier/${part(wanted)}`;
  });
}

export async function showDossier(wanted) {
  code = wanted ?? code;
  if (!code) {
    $("code").focus();
    return;
  }
  $("code").value = code;
  setText($("dossier-told"), t("searching"));
  try {
    const found = await get(`/api/dossiers/${part(code)}`);
    setText($("dossier-told"), linked(found));
    fill($("timeline"), missing(found.waits), found.sent.map(lane), received(found.received));
  } catch (error) {
    setText($("dossier-told"), error.message);
    fill($("timeline"));
  }
}

const again = () => showDossier(code);

function linked(found) {
  const codes = [...new Set(found.codes.flatMap((one) => [one.national_code, one.dossier_code]))];
  return codes.length ? t("codes_linked", codes.join(", ")) : "";
}

function missing(waits) {
  if (!waits.length) return h("p", { className: "fine" }, t("nothing_missing"));
  return h(
    "section",
    { className: "missing", "aria-labelledby": "h-missing" },
    h("h3", { id: "h-missing" }, t("missing")),
    h(
      "ol",
      {},
      waits.map((one) =>
        h(
          "li",
          {},
          h("strong", {}, `${one.operation} (${t("order", one.seq)})`),
          ` → ${one.system}, ${t("accepted_at", moment(one.accepted_at))}: `,
          one.state === "behind" ? t("behind") : `${t(one.state)}, ${t("holds_back")}`,
          one.reason ? h("p", { className: "why" }, `${one.reason}: ${reasonText(one.reason)}`) : null,
        ),
      ),
    ),
  );
}

function lane(one) {
  const deeds = h("p", { className: "row" }, deedButtons(one));
  const facts = [`${t("state")}: ${laneState(one)}`];
  if (one.case) facts.push(t("case_state", one.case.state));
  if (one.reason) facts.push(`${one.reason}: ${reasonText(one.reason)}`);
  const told = h("p", { role: "status", className: "asked" });
  return h(
    "section",
    { className: "lane", "aria-label": t("sent", one.system), "data-lane": `${one.system}/${one.key}` },
    h("h3", {}, `${t("sent", one.system)} · ${one.key}`),
    h("p", {}, facts.join(" · ")),
    deeds,
    told,
    table(
      t("sent", one.system),
      [t("order", ""), t("operation"), t("when"), t("state"), t("why")],
      [...one.messages].reverse().map((message) => [
        t("order", message.seq),
        message.operation + (message.edited ? ` (${t("edited")})` : ""),
        moment(message.accepted_at),
        message.ended ? `${t(`ended_${message.ended}`)}, ${moment(message.ended_at)}` : t("not_ended"),
        message.reason ?? "",
      ]),
    ),
    h(
      "details",
      {},
      h("summary", {}, `${t("history")} (${one.history.length})`),
      h("ol", { className: "history" }, one.history.map((entry) => h("li", {}, historyText(entry)))),
    ),
  );
}

function historyText({ at, kind, ...more }) {
  const details = Object.entries(more).map(([name, value]) => `${name} ${value}`);
  return [moment(at), kind, details.join(", ")].filter(Boolean).join(" · ");
}

function received(pushed) {
  if (!pushed.length) return null;
  return h(
    "section",
    { "aria-label": t("received") },
    h("h3", {}, t("received")),
    table(
      t("received"),
      [t("when"), t("system"), t("what"), t("state")],
      pushed.map((one) => [
        moment(one.received_at), one.system, `${one.kind} ${one.revision}`, t(one.acknowledged_at ? "acknowledged" : "not_acknowledged"),
      ]),
    ),
  );
}

/** The deeds that make sense for a lane. */
function deedButtons(one) {
  const path = `/api/lanes/${part(one.system)}/${part(one.key)}`;
  const target = `${one.system}/${one.key}`;
  const button = (what, listener, kind = "") =>
    h("button", { type: "button", className: kind, onclick: listener, "aria-label": t("of", t(what), target) }, t(what));
  const simple = (what, action) =>
    button(what, () =>
      deed({
        title: t("of", t(what), target), text: t(`${what}_text`), verb: t(what), path: `${path}/${action}`, dry: true, told: effectsTold, after: again,
      }),
    );
  const asking = button("ask", () =>
    deed({ title: t("of", t("ask"), target), text: t("ask_text"), verb: t("ask"), path: `${path}/ask`, told: verdicts, after: again }),
  );
  if (one.waiting <= 0) return [asking];
  const uncertain = one.may_have_arrived || one.head_state !== "ready";
  return [
    simple("retry", "retry"),
    uncertain ? null : button("edit", () => edit(path, target)),
    simple("skip_order", "skip"),
    uncertain ? null : simple("cancel", "cancel"),
    asking,
  ];
}

function verdicts(came) {
  if (!came.findings.length) return t("nothing_to_ask");
  return t("asked_told", came.findings.map((one) => `${one.operation} ${t(`verdict_${one.verdict}`)}${one.why ? ` (${one.why})` : ""}`).join("; "));
}

const edit = (path, target) =>
  deed({
    title: t("of", t("edit"), target),
    text: t("edit_text"),
    verb: t("edit"),
    path: `${path}/edit`,
    dry: true,
    told: effectsTold,
    after: again,
    fields: [
      field("body", t("fields"), {
        kind: "textarea",
        value: "{}",
        spellcheck: false,
        read: (given) => {
          try {
            const fields = JSON.parse(given);
            if (fields !== null && typeof fields === "object" && !Array.isArray(fields)) return fields;
          } catch {
            // told below
          }
          throw new Error(t("not_json"));
        },
      }),
    ],
  });
