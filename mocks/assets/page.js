"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const WORDS = {
  vi: {
    title: "Quốc gia thử nghiệm", tagline: "Các hệ thống quốc gia trên một máy tính. Mọi người và dữ liệu đều là giả định.",
    scenario: "Kịch bản", clock: "Đồng hồ ảo", requests: "Số yêu cầu", other: "English", reset: "Đặt lại tất cả",
    systems: "Hệ thống", scenarios: "Kịch bản", numbered: "Theo số kịch bản chịu lỗi", faults: "Lỗi", journal: "Nhật ký", administration: "Quản trị qua HTTP",
    hour: "+1 giờ", day: "+1 ngày", three: "+3 ngày", month: "+30 ngày",
    clock_told: "Trạng thái hồ sơ, hạn mức ngày và giờ đóng cửa theo đồng hồ ảo; token theo giờ thật.",
    system: "Hệ thống", operation: "Thao tác", kind: "Kiểu lỗi", which: "Yêu cầu thứ", probability: "Xác suất",
    put: "Gây lỗi", clear: "Bỏ hết lỗi", all_systems: "mọi hệ thống", all_operations: "mọi thao tác",
    at: "Lúc", status: "Mã", fault: "Lỗi", asked: "Yêu cầu (đã che)", none: "Chưa có yêu cầu nào.",
    live: "trực tiếp", lost: "mất kết nối, đang thử lại", missed: "bỏ qua", try: "Thử", close: "Đóng", request: "Yêu cầu", answer: "Trả lời",
    absent: "không tồn tại", calls: "Các lời gọi", struck: "đã gây", of: "trong", cut: "… phần còn lại không hiển thị", waiting: "đang chờ",
    pushes: "Chuyển hồ sơ về tỉnh", push: "Chuyển", push_to: "Địa chỉ tiếp nhận của tỉnh", no_answer: "không có trả lời",
  },
  en: {
    title: "The mock country", tagline: "National systems on one laptop. All people and data are fictitious.",
    scenario: "Scenario", clock: "Virtual clock", requests: "Requests", other: "Tiếng Việt", reset: "Reset everything",
    systems: "Systems", scenarios: "Scenarios", numbered: "By number of the resilience scenario", faults: "Faults", journal: "Journal", administration: "Administration by HTTP",
    hour: "+1 hour", day: "+1 day", three: "+3 days", month: "+30 days",
    clock_told: "Business states, quota days and closing hours follow the virtual clock; tokens follow real time.",
    system: "System", operation: "Operation", kind: "Kind", which: "Requests", probability: "Probability",
    put: "Add fault", clear: "Remove all", all_systems: "every system", all_operations: "every operation",
    at: "At", status: "Status", fault: "Fault", asked: "Request (masked)", none: "No requests yet.",
    live: "live", lost: "connection lost, trying again", missed: "skipped", try: "Try", close: "Close", request: "Request", answer: "Answer",
    absent: "does not exist", calls: "Calls", struck: "struck", of: "of", cut: "… the rest is not shown", waiting: "waiting",
    pushes: "Push to the province", push: "Push", push_to: "Inbound address of the province", no_answer: "no answer",
  },
};
const ROWS = 100;
const $ = (id) => document.getElementById(id);
const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window has no storage */ } };
let language = new URLSearchParams(location.search).get("lang") || stored("lang") || "vi";
if (!(language in WORDS)) language = "vi";
let scenario = "";
let samples = {};
const t = (key) => WORDS[language][key];

/** Creates an element with properties and children; text is never parsed as markup. */
function h(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function complain(text) {
  $("message").textContent = text || "";
  $("message").hidden = !text;
}

async function ask(method, path, body) {
  const answer = await fetch("/__mock/" + path, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || answer.statusText);
  return value;
}

/** Runs an action and shows its error, if any. */
async function act(doing) {
  try { await doing(); complain(""); } catch (error) { complain(error.message); }
}

// ---- systems and samples

function sampleRow(service, operation, sample) {
  const { note, exists, headers, ...asked } = sample;
  const fields = Object.entries(Object.assign({}, ...Object.values(asked)));
  const shown = fields.map(([name, value]) => name + ": " + (typeof value === "object" ? JSON.stringify(value) : value)).join("\n");
  const told = h("div", {}, h("code", { textContent: shown || "{}" }));
  if (exists === false) told.append(h("span", { className: "tag absent", textContent: t("absent") }));
  if (note) told.append(h("span", { className: "tag", textContent: note }));
  const row = h("div", { className: "sample" }, told);
  if (service.tries.includes(operation)) {
    row.append(h("button", { type: "button", className: "try", textContent: t("try"), onclick: () => act(() => tryOut(operation, sample)) }));
  }
  return row;
}

function pushRow(service, offered) {
  const [kind, ministry] = offered.split("/").reverse();
  const route = ["http://127.0.0.1:8082/inbound" + service.prefix, ministry, kind.replace("_", "-")].filter(Boolean).join("/");
  const to = h("input", { value: route, ariaLabel: t("push_to"), autocomplete: "off", spellcheck: false, size: 60 });
  const system = [service.name, ministry].filter(Boolean).join("/");
  return h("div", { className: "sample" }, h("div", {}, h("code", { textContent: offered }), to),
    h("button", { type: "button", className: "try", textContent: t("push"), onclick: () => act(() => pushOut({ system, kind, to: to.value })) }));
}

async function pushOut(wish) {
  const { pushes: [{ code, answers: [{ status, answer, error, seconds }] }] } = await ask("POST", "push", wish);
  $("tried-title").textContent = wish.system + " · " + wish.kind;
  $("tried-told").textContent = (status ? "HTTP " + status : error || t("no_answer")) + " · " + seconds + " s";
  $("tried-told").className = status && status < 400 ? "well" : "bad";
  $("tried-request").textContent = "POST " + wish.to + "\n\nMaHoSo: " + code;
  $("tried-answer").textContent = answer ? JSON.stringify(answer, null, 2) : error || t("no_answer");
  if (!$("tried").open) $("tried").showModal();
  await look();
}

function drawServices() {
  const open = new Set([...document.querySelectorAll("#service-list details[open]")].map((one) => one.dataset.key));
  const fold = (key, summary, content) => {
    const details = h("details", { open: open.has(key) }, h("summary", {}, summary), ...content());
    details.dataset.key = key;
    return details;
  };
  $("service-list").replaceChildren(...DATA.services.map((service) => fold(service.name, service.title, () => [
    ...Object.keys(samples).filter((operation) => operation.startsWith(service.name + ".")).map((operation) => fold(operation, operation + " (" + samples[operation].length + ")",
      () => [h("div", { className: "samples" }, ...samples[operation].map((sample) => sampleRow(service, operation, sample)))])),
    fold(service.name + ".calls", t("calls"), () => service.calls.map((call) =>
      h("div", {}, h("code", { textContent: call.method + " " + call.path }), h("span", { className: "tag", textContent: call.name })))),
    ...(service.pushes.length ? [fold(service.name + ".pushes", t("pushes"), () => service.pushes.map((offered) => pushRow(service, offered)))] : []),
  ])));
}

function pretty(text, headers) {
  if (!/json/.test(headers["Content-Type"] || "") && !/^[[{]/.test(text)) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

const wire = (first, headers, body) =>
  [first, ...Object.entries(headers).map(([name, value]) => name + ": " + value), "", pretty(body, headers)].join("\n");

async function tryOut(operation, sample) {
  $("tried-title").textContent = operation;
  $("tried-told").textContent = "…";
  $("tried-request").textContent = $("tried-answer").textContent = "";
  if (!$("tried").open) $("tried").showModal();
  const { exists, note, headers, ...asked } = sample;
  const told = await ask("POST", "try", { operation, sample: asked });
  const { request, answer, error, seconds } = told;
  $("tried-told").textContent = (answer ? "HTTP " + answer.status : error) + " · " + seconds + " s";
  $("tried-told").className = answer && answer.status < 400 ? "well" : "bad";
  $("tried-request").textContent = wire(request.method + " " + request.url, request.headers, request.body);
  $("tried-answer").textContent = answer
    ? wire("HTTP " + answer.status, answer.headers, answer.body) + (answer.cut ? "\n" + t("cut") : "") : error;
  await look();
}

// ---- scenarios and clock

function drawScenarios() {
  const button = ([name, told]) => h("button", {
    type: "button", textContent: name, title: told[language], ariaPressed: String(name === scenario),
    onclick: () => act(async () => { await ask("POST", "scenario", { name }); await look(); }),
  });
  const numbered = ([name]) => /^resilience-\d+$/.test(name);
  const all = Object.entries(DATA.scenarios);
  const calmFirst = (one, other) => (other[0] === "calm") - (one[0] === "calm");
  $("scenario-list").replaceChildren(...all.filter((one) => !numbered(one)).sort(calmFirst).map(button));
  $("numbered-list").replaceChildren(...all.filter(numbered).map(button));
  $("scenario-told").textContent = scenario in DATA.scenarios ? DATA.scenarios[scenario][language] : "";
}

const shownTime = (iso) => iso.slice(8, 10) + "/" + iso.slice(5, 7) + "/" + iso.slice(0, 4) + " " + iso.slice(11, 16);

async function look() {
  const [clock, picked, plan, counted] = await Promise.all([
    ask("GET", "clock"), ask("GET", "scenario"), ask("GET", "faults"), ask("GET", "journal?limit=0"),
  ]);
  $("clock-now").textContent = shownTime(clock.now);
  $("total-now").textContent = counted.total;
  for (const [name, told] of Object.entries(picked.scenarios)) DATA.scenarios[name] ??= { en: told, vi: told };
  for (const name of Object.keys(DATA.scenarios)) if (!(name in picked.scenarios)) delete DATA.scenarios[name];
  if (picked.name !== scenario) { scenario = picked.name; $("scenario-now").textContent = scenario; drawScenarios(); }
  drawFaults(plan);
}

async function advance(by) {
  await ask("POST", "clock", { advance: by });
  samples = await ask("GET", "samples");
  drawServices();
  await look();
}

// ---- faults

function drawFaults(plan) {
  $("fault-list").replaceChildren(...plan.faults.map((planned, at) => {
    const { kind, ...parameters } = planned.fault;
    const { system, operation, requests, probability, seed, fault, ...more } = planned;
    const told = [system + "." + operation, kind, ...[parameters, more].filter((one) => Object.keys(one).length).map((one) => JSON.stringify(one)),
      requests === "all" ? "" : "#" + requests, probability < 1 ? "p=" + probability : ""].filter(Boolean).join(" · ");
    const { matched, struck } = plan.counts[at];
    return h("li", {}, h("span", { className: "mono", textContent: told }),
      h("span", { className: "quiet", textContent: t("struck") + " " + struck + " " + t("of") + " " + matched }));
  }));
}

function drawFaultForm() {
  const form = $("fault-form");
  const option = (value, text) => h("option", { value, textContent: text ?? value });
  const keep = (select, options) => { const was = select.value; select.replaceChildren(...options); if (was) select.value = was; if (select.selectedIndex < 0) select.selectedIndex = 0; };
  keep(form.system, [...DATA.services.map((service) => option(service.name, service.title)), option("*", t("all_systems"))]);
  const service = DATA.services.find((one) => one.name === form.system.value);
  const names = service ? [...new Set(service.calls.map((call) => call.name))] : [];
  keep(form.operation, [option("*", t("all_operations")), ...names.map((name) => option(name))]);
  keep(form.kind, Object.keys(DATA.kinds).map((kind) => option(kind)));
}

const EXAMPLES = { seconds: "2", status: "503", bytes_per_second: "20", megabytes: "50", depth: "10000", count: "100000", field: "NAME" };

function drawParameters() {
  const kind = $("fault-form").kind.value;
  $("parameters").replaceChildren(...Object.entries(DATA.kinds[kind] || {}).map(([spelt, type]) => {
    const name = spelt.replace("?", "");
    const value = spelt.endsWith("?") && !(kind === "latency" && name === "seconds") ? "" : EXAMPLES[name] || "";
    const choices = /Literal\[(.*)\]/.exec(type)?.[1].match(/\w+/g);
    const input = choices
      ? h("select", { name: "parameter-" + name }, ...["", ...choices].map((one) => h("option", { value: one, textContent: one })))
      : h("input", { name: "parameter-" + name, value, placeholder: spelt.endsWith("?") ? "" : type, autocomplete: "off", spellcheck: false });
    return h("label", {}, h("span", { textContent: spelt }), input);
  }));
}

function typed(text) { try { return JSON.parse(text); } catch { return text; } }

async function putFault(event) {
  event.preventDefault();
  const form = new FormData($("fault-form"));
  const fault = { kind: form.get("kind") };
  for (const [name, value] of form) if (name.startsWith("parameter-") && value !== "") fault[name.slice(10)] = typed(value);
  const planned = { system: form.get("system"), operation: form.get("operation"), requests: form.get("requests") || "all", probability: Number(form.get("probability")), fault };
  await act(async () => drawFaults(await ask("POST", "faults", { faults: [planned] })));
}

// ---- journal

const rows = new Map();

function drawEntry(entry) {
  const asked = Object.entries(entry.masked).map(([name, value]) => name + "=" + value).join(" ");
  const trouble = [...(entry.breaches || []), ...(entry.near_miss ? ["≈ " + entry.near_miss.operation, ...entry.near_miss.differences.map((one) => one.at + ": " + one.got + " ≠ " + one.expected)] : [])].join("; ");
  const status = entry.status ?? (entry.fault ? "—" : t("waiting"));
  const cells = [
    [entry.at.slice(11, 19)], [entry.system], [entry.operation || entry.method + " " + entry.path, entry.operation ? "" : "bad"],
    [entry.outcome ? status + " " + entry.outcome.replace("_", " ") : String(status), entry.status >= 400 || entry.status === null || entry.outcome === "refused" ? "bad" : "well"], [entry.fault || "", "warn"], [asked],
  ].map(([textContent, className = ""]) => h("td", { textContent, className }));
  if (trouble) cells[5].append(h("div", { className: "bad", textContent: trouble }));
  const row = h("tr", {}, ...cells);
  if (rows.has(entry.number)) rows.get(entry.number).replaceWith(row); else $("entries").prepend(row);
  rows.set(entry.number, row);
  while (rows.size > ROWS) { const [oldest, last] = rows.entries().next().value; last.remove(); rows.delete(oldest); }
}

function forget() { rows.clear(); $("entries").replaceChildren(); $("none").hidden = false; $("total-now").textContent = "0"; }

function followJournal() {
  const source = new EventSource("/__mock/journal/live");
  source.onopen = () => { $("live").textContent = "● " + t("live"); };
  source.onerror = () => { $("live").textContent = "○ " + t("lost"); };
  source.onmessage = (event) => {
    const { anew, missed, entries } = JSON.parse(event.data);
    if (anew) forget();
    entries.forEach(drawEntry);
    if (entries.length) { $("none").hidden = true; $("total-now").textContent = Math.max(Number($("total-now").textContent), entries.at(-1).number); }
    $("live").textContent = "● " + t("live") + (missed ? " · " + missed + " " + t("missed") : "");
  };
}

async function past() {
  const { total, entries } = await ask("GET", "journal?limit=" + ROWS);
  entries.forEach((entry, at) => drawEntry({ number: total - entries.length + at + 1, ...entry }));
  $("none").hidden = entries.length > 0;
}

// ---- the whole

function speak() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  $("language").textContent = t("other");
  $("language").lang = language === "vi" ? "en" : "vi";
  drawServices();
  drawScenarios();
  drawFaultForm();
}

$("language").onclick = () => { language = language === "vi" ? "en" : "vi"; store("lang", language); speak(); act(look); };
$("reset").onclick = () => act(async () => { await ask("POST", "reset"); samples = await ask("GET", "samples"); drawServices(); await look(); });
$("clear").onclick = () => act(async () => drawFaults(await ask("DELETE", "faults")));
$("fault-form").onsubmit = putFault;
$("fault-form").system.onchange = drawFaultForm;
$("fault-form").kind.onchange = drawParameters;
for (const button of document.querySelectorAll("[data-advance]")) button.onclick = () => act(() => advance(button.dataset.advance));
async function begin() {
  await past();
  await look();
  followJournal();
  samples = await ask("GET", "samples");
  drawServices();
  document.querySelector("#service-list details")?.setAttribute("open", "");
  document.querySelector("#service-list details details")?.setAttribute("open", "");
  document.body.dataset.ready = "yes";
}

speak();
drawParameters();
$("routes").append(...DATA.routes.map((path) => h("a", { href: path, textContent: path })));
act(begin);
setInterval(() => { if (!document.hidden) look().catch(() => {}); }, 5000);
