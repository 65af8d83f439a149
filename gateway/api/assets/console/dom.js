// Makes and changes elements; text is always text, never markup.

import { current, t } from "./words.js";

/** An element with properties (`on…`: a listener, `class`, `data-…`, `aria-…`), and children: texts, elements, null. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.includes("-") && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** Sets the text where it differs: an unchanged text is not read out again, and costs nothing. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Puts *children* in place of what is there. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

const ZONE = "Asia/Ho_Chi_Minh";
const locale = () => (current() === "vi" ? "vi-VN" : "en-GB");

export const number = (value, digits = 0) =>
  value.toLocaleString(locale(), { maximumFractionDigits: digits, minimumFractionDigits: 0 });

export const percent = (part, whole) => (whole ? `${number((100 * part) / whole, 1)} %` : "–");

export const clock = (when) => new Date(when).toLocaleTimeString(locale(), { timeZone: ZONE, hour12: false });

/** Day and minute; only the minute where it is today. */
export function moment(when) {
  if (!when) return "";
  const date = new Date(when);
  const day = (one) => one.toLocaleDateString(locale(), { timeZone: ZONE });
  const minute = date.toLocaleTimeString(locale(), { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hour12: false });
  return day(date) === day(new Date()) ? minute : `${minute} ${day(date)}`;
}

export function duration(seconds) {
  if (seconds < 90) return t("for_seconds", number(Math.max(0, seconds)));
  if (seconds < 5400) return t("for_minutes", number(seconds / 60));
  if (seconds < 172800) return t("for_hours", number(seconds / 3600, 1));
  return t("for_days", number(seconds / 86400, 1));
}

/**
 * A table with a caption for screen readers; *rows* are arrays of cells, of which that at *named* names its row.
 *
 * A phone shows each row as a block with the heads beside its cells, so each cell knows its head, and the roles are
 * said: a browser takes them from elements that are not laid out as a table.
 */
export function table(caption, heads, rows, named = 0) {
  const cell = (place, content) =>
    place === named
      ? h("th", { scope: "row", role: "rowheader" }, content)
      : h("td", { role: "cell", "data-head": typeof heads[place] === "string" ? heads[place] : "" }, content);
  const head = (content) =>
    typeof content === "string"
      ? h("th", { scope: "col", role: "columnheader" }, content)
      : h("td", { role: "cell", "data-head": content.getAttribute("aria-label") }, content);
  return h(
    "div",
    { className: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      { role: "table" },
      h("caption", { className: "hidden" }, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads.map(head))),
      h(
        "tbody",
        { role: "rowgroup" },
        rows.map((cells) => h("tr", { role: "row" }, cells.map((content, place) => cell(place, content)))),
      ),
    ),
  );
}
