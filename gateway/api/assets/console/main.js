// The page: takes the events of the gateway, keeps what they say, and draws it at most four times a second.

import { readyActions, showActions } from "./actions.js";
import { readyDeeds } from "./deed.js";
import { History } from "./charts.js";
import { $, clock, moment, number, setText } from "./dom.js";
import { readyDossier, showDossier } from "./dossier.js";
import { readyLanes, showLaneFilter, showLanes } from "./lanes.js";
import { showPlans } from "./plans.js";
import { showPulls } from "./pulls.js";
import { loadSession, mayRead, onSession, readySession, showSession, signIn } from "./session.js";
import { measureSystems, nameOf, recolorSystems, showSystems, tickSystems } from "./systems.js";
import { stateOf } from "./upstream.js";
import { loadReasons, reasonText, switchLanguage, t, translatePage } from "./words.js";

const DRAW_MS = 250;
const SILENT_MS = 12000;
const PULLS_MS = 10000;
const VIEWS = ["systems", "dossier", "lanes", "pulls", "plans", "actions"];
const THEME = "lgsp-console-theme";
const THEMES = ["auto", "dark", "light"];

const parts = new Map();
let histories = new Map();
let heard = null;
let heardAt = 0;
let source = null;
let due = null;
let frame = null;
let drawn = 0;

// ---- what came

function take(kind, data) {
  heard = data.at ?? heard;
  heardAt = Date.now();
  if (kind === "snapshot") {
    parts.clear();
    histories = new Map(Object.entries(data.history).map(([name, columns]) => [name, new History(columns, data.step_s)]));
  }
  if (kind === "points") {
    for (const [name, point] of Object.entries(data)) histories.get(name)?.add(point);
    measureSoon();
  } else {
    for (const [name, part] of Object.entries(data.parts)) parts.set(name, part);
  }
  draw();
}

function listen() {
  source?.close();
  source = new EventSource("/api/events");
  for (const kind of ["snapshot", "change", "points"]) {
    source.addEventListener(kind, (event) => take(kind, JSON.parse(event.data)));
  }
  source.addEventListener("error", async () => {
    draw();
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused: for want of a key, or of room. The browser does not try again by itself.
    await loadSession().catch(() => null);
    if (!mayRead()) await signIn();
    setTimeout(listen, 3000);
  });
}

// ---- what is shown

/** Draws soon, and never more than four times a second. */
function draw() {
  due ??= setTimeout(() => {
    due = null;
    drawn += 1;
    document.body.dataset.drawn = drawn;
    show();
  }, DRAW_MS);
}

/** Draws the charts at the next frame: once, however many steps a page in the background has missed. */
function measureSoon() {
  frame ??= requestAnimationFrame(() => {
    frame = null;
    if (view() === "systems") measureSystems(histories);
  });
}

const systems = () => [...parts].filter(([name]) => name.startsWith("system.")).map(([, part]) => part);
const gateway = () => parts.get("gateway");
const targets = () => gateway()?.targets ?? [];

function show() {
  showLive();
  if (!gateway()) return;
  for (const element of document.querySelectorAll("[data-store]")) element.hidden = gateway().store === null;
  showOverall();
  if (view() === "systems") showSystems(systems(), histories);
  document.body.dataset.ready = "yes";
}

function showLive() {
  const lost = !source || source.readyState !== EventSource.OPEN || Date.now() - heardAt > SILENT_MS;
  const told = !heardAt ? t("connecting") : lost ? t("lost", clock(heardAt)) : t("live", clock(heardAt));
  setText($("live"), told);
  document.body.classList.toggle("lost", Boolean(heardAt) && lost);
}

function showOverall() {
  const named = (states) =>
    systems()
      .filter((system) => system.upstreams.some((one) => states.includes(stateOf(one))))
      .map(nameOf)
      .join(", ");
  const [failing, aside] = [named(["failing"]), named(["isolated", "maintenance"])];
  const parked = systems().reduce((sum, system) => sum + (system.orders?.parked ?? 0), 0);
  const told = [];
  if (failing) told.push(t("failing_now", failing));
  if (aside) told.push(t("set_aside_now", aside));
  if (parked) told.push(t("parked_now", number(parked)));
  const asked = systems().some((system) => system.upstreams.some((one) => one.state !== "unknown"));
  setText($("overall"), told.join(". ") || t(asked ? "all_well" : "none_asked"));
  $("overall").dataset.state = failing ? "failing" : aside || parked ? "isolated" : "up";
  const { store, machine, others } = gateway();
  const own = [];
  if (machine) own.push(t("machine_trouble", machine));
  if (store !== null && store !== "ok") own.push(t("store_down", reasonText(store)));
  if (others?.away_since) own.push(t("others_away", moment(others.away_since)));
  $("own").hidden = !own.length;
  setText($("own"), own.join(". "));
}

// ---- the views

const view = () => VIEWS.find((name) => name === location.hash.slice(1).split("/")[0]) ?? "systems";

async function go(focus) {
  const now = view();
  for (const name of VIEWS) $(`view-${name}`).hidden = name !== now;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${now}`) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  }
  if (focus) $("main").focus();
  if (!parts.size) return;
  if (now === "systems") showSystems(systems(), histories);
  if (now === "dossier") await showDossier(decodeURIComponent(location.hash.split("/").slice(1).join("/")) || undefined);
  if (now === "lanes") {
    showLaneFilter([...new Set(targets().map((target) => target.split(/[./]/)[0]))]);
    await showLanes();
  }
  if (now === "pulls") await showPulls();
  if (now === "plans") await showPlans(targets());
  if (now === "actions") await showActions();
}

function showTheme(chosen) {
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  setText($("theme"), t(`theme_${chosen}`));
  recolorSystems();
}

function readyTools() {
  let theme = THEMES.includes(localStorage.getItem(THEME)) ? localStorage.getItem(THEME) : "auto";
  const inLanguage = () => {
    translatePage();
    showTheme(theme);
    showSession();
    setText($("language"), t("other_language"));
    $("language").lang = document.documentElement.lang === "vi" ? "en" : "vi";
  };
  inLanguage();
  $("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(THEME, theme);
    showTheme(theme);
  });
  $("language").addEventListener("click", () => {
    switchLanguage();
    inLanguage();
    show();
    go(false);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolorSystems);
}

async function begin() {
  readyTools();
  showLive();
  setText($("overall"), t("connecting"));
  readyDeeds();
  readySession();
  readyDossier();
  readyLanes();
  readyActions();
  addEventListener("hashchange", () => go(true));
  let first = true;
  const arrived = setInterval(() => {
    if (first && parts.size) {
      first = false;
      clearInterval(arrived);
      go(false);
    }
  }, 50);
  setInterval(() => {
    showLive();
    if (view() === "systems") tickSystems();
  }, 1000);
  setInterval(() => {
    if (view() === "pulls" && mayRead() && !document.hidden) showPulls();
  }, PULLS_MS);
  await Promise.all([loadReasons(), loadSession().catch(() => null)]);
  onSession(() => mayRead() && source?.readyState === EventSource.CLOSED && listen());
  if (!mayRead()) {
    setText($("overall"), t("needs_key"));
    await signIn();
  }
  await go(false);
  listen();
}

begin();
