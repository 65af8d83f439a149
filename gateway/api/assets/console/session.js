// Who acts: an operator's key is exchanged once for a session's cookie, which no script can read.

import { ask, get, post } from "./api.js";
import { $, fill, h, setText } from "./dom.js";
import { t } from "./words.js";

let who = { operator: null, scopes: [], keys_asked: true };
const listeners = [];

export const onSession = (listener) => listeners.push(listener);
export const mayRead = () => !who.keys_asked || who.scopes.includes("read");

export async function loadSession() {
  who = await get("/api/session");
  showSession();
  for (const listener of listeners) listener(who);
  return who;
}

export function showSession() {
  setText($("session"), who.operator ? t("sign_out", who.operator) : t("sign_in"));
}

/** Whether the operator may act now; asks for the key where nobody is signed in, or only to look. */
export async function signedIn() {
  if (who.operator === null) await signIn();
  if (who.operator !== null && !who.scopes.includes("act")) await signIn(t("may_not_act"));
  return who.scopes.includes("act");
}

let asking = null;

/** Asks for the key until it is accepted, or given up. */
export function signIn(why = "") {
  asking ??= askForKey(why).finally(() => {
    asking = null;
  });
  return asking;
}

function askForKey(why) {
  const key = h("input", {
    id: "key", type: "password", required: true, autocomplete: "current-password", maxLength: 200,
  });
  const told = h("p", { className: "told wrong", role: "alert" }, why);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "sign-in-title" }, t("sign_in")),
    h("p", {}, t("sign_in_text")),
    h("div", { className: "field" }, h("label", { htmlFor: "key" }, t("key")), key),
    told,
    h(
      "div",
      { className: "row end" },
      h("button", { type: "button", onclick: () => dialog.close() }, t("back")),
      h("button", { type: "submit", className: "primary" }, t("sign_in")),
    ),
  );
  const dialog = h("dialog", { id: "sign-in", "aria-labelledby": "sign-in-title" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        await post("/api/session", { key: key.value });
        await loadSession();
        dialog.close();
      } catch (error) {
        setText(told, error.message);
        key.select();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.showModal();
    key.focus();
  });
}

export function readySession() {
  $("session").addEventListener("click", async () => {
    if (who.operator === null) {
      await signIn();
    } else {
      await ask("DELETE", "/api/session");
      await loadSession();
    }
  });
}
