// The one dialog in which every deed asks for its reason, and tells what came of it.

import { post } from "./api.js";
import { $, fill, h, setText } from "./dom.js";
import { loadSession, signedIn } from "./session.js";
import { t } from "./words.js";

const REASON_LEAST = 3;
let present = null;
let opener = null;

/** A field of the dialog; `read` gives what is sent, or throws a sentence. */
export function field(name, label, options = {}) {
  const { kind = "text", choices, value = "", required = false, read = (given) => given, ...more } = options;
  const id = `deed-${name}`;
  let input;
  if (choices) {
    input = h("select", { id, name }, choices.map(([own, text]) => h("option", { value: own }, text)));
  } else if (kind === "textarea") {
    input = h("textarea", { id, name, rows: 3, ...more }, value);
  } else {
    input = h("input", { id, name, type: kind, value, ...more });
  }
  if (required) input.required = true;
  return { name, input, read, row: h("div", { className: "field" }, h("label", { htmlFor: id }, label), input) };
}

/**
 * Opens the dialog.
 *
 * title, text: what is done, and what it means. verb: the word on the button. path: where it is sent.
 * fields: made by `field`. body: the rest of what is sent. dry: whether it can be tried without effect.
 * told: what came back as a sentence; the dialog closes where it gives none. after: called when it was done.
 */
export async function deed({ title, text, verb, path, fields = [], body = {}, dry = false, told, after }) {
  opener = document.activeElement;
  if (!(await signedIn())) return;
  const reason = field("reason", t("reason"), { kind: "textarea", required: true, maxLength: 500 });
  present = { path, fields: [...fields, reason], body, told, after, done: false };
  setText($("deed-title"), title);
  setText($("deed-text"), text);
  tell("");
  setText($("deed-do"), verb);
  $("deed-dry").hidden = !dry;
  $("deed-do").hidden = false;
  fill($("deed-fields"), present.fields.map((one) => one.row));
  $("deed").showModal();
  (fields[0] ?? reason).input.focus();
}

function collected() {
  const sent = { ...present.body };
  for (const one of present.fields) {
    const value = one.read(one.input.value.trim());
    if (value !== undefined && value !== "") sent[one.name] = value;
  }
  if ((sent.reason ?? "").length < REASON_LEAST) {
    present.fields.at(-1).input.focus();
    throw new Error(t("reason_short"));
  }
  return sent;
}

/** What came of it, or what is wrong. */
function tell(text, wrong = false) {
  setText($("deed-told"), text);
  $("deed-told").classList.toggle("wrong", wrong);
}

async function send(dry, again = true) {
  const running = present;
  let sent;
  try {
    sent = collected();
  } catch (error) {
    tell(error.message, true);
    return;
  }
  for (const id of ["deed-do", "deed-dry"]) $(id).disabled = true;
  try {
    const came = await post(running.path, dry ? { ...sent, dry_run: true } : sent);
    const sentence = running.told?.(came);
    if (!dry) {
      running.done = true;
      await running.after?.(came);
    }
    if (!dry && !sentence) $("deed").close();
    else {
      tell(sentence ?? "");
      $("deed-do").hidden = !dry;
      if (!dry) $("deed-dry").hidden = true;
    }
  } catch (error) {
    if (again && error.status === 401 && (await signedInAgain())) return await send(dry, false);
    tell(t("failed_request", error.message), true);
  } finally {
    for (const id of ["deed-do", "deed-dry"]) $(id).disabled = false;
  }
}

/** The session of a page that was open for long has ended: asks for the key; what was typed stays. */
async function signedInAgain() {
  await loadSession();
  return await signedIn();
}

export function readyDeeds() {
  $("deed-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!present.done) send(false);
  });
  $("deed-dry").addEventListener("click", () => send(true));
  $("deed-cancel").addEventListener("click", () => $("deed").close());
  $("deed").addEventListener("close", keepPlace);
}

/** The browser gives the focus back to the button that was pressed; where the deed took that away, to its neighbour. */
function keepPlace() {
  if (document.activeElement !== document.body) return;
  const near = opener?.isConnected && opener.parentElement.querySelector("button:not([hidden])");
  (near || $("main")).focus();
}

/** What a deed on lanes did or would do, as a sentence. */
export function effectsTold(came) {
  const why = [...new Set(came.left.map((one) => t(one.hindrance)))].join(", ");
  const left = why ? t("hindrances", why) : "";
  return t(came.dry_run ? "dry_told" : "done_told", came.done.length, came.left.length, left);
}
