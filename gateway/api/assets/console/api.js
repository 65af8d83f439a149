// Asks the operator's port; a problem becomes an error that reads as a sentence in the page's language.

import { current, t } from "./words.js";

export class Problem extends Error {
  constructor(status, body) {
    const fields = (body?.errors ?? []).map((one) => `${one.pointer} ${one.message}`).join("; ");
    super([body?.detail ?? body?.title ?? `HTTP ${status}`, fields].filter(Boolean).join(" "));
    this.status = status;
    this.reason = body?.reason ?? "";
  }
}

/** The `data` of an answer. */
export async function ask(method, path, body) {
  return (await whole(method, path, body))?.data ?? null;
}

/** An answer with its `meta`. */
export async function whole(method, path, body) {
  const headers = { Accept: "application/json", "Accept-Language": current() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { detail: t("unreachable") });
  }
  if (answer.status === 204) return null;
  const found = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, found);
  return found;
}

export const get = (path) => ask("GET", path);
export const post = (path, body) => ask("POST", path, body);
export const part = encodeURIComponent;
