// Beside the graph: all that is known of the chosen dataset and column.
import { $, h, ago, count, duration, layerColour, pii, time } from "./dom.js";
import { ask, moment } from "./api.js";

const STATES = { COMPLETE: "good", FAIL: "bad", ABORT: "warn" };
const way = (edge) => `${edge.kind.toLowerCase()}, ${(edge.subtype || "unknown").toLowerCase().replaceAll("_", " ")}`;

export async function panel(store) {
  const { state } = store, element = $("panel");
  if (!state.node) return element.replaceChildren();
  // The panel takes its place before the graph measures its own.
  if (!element.childElementCount) element.replaceChildren(h("p", { class: "quiet" }, "Asking …"));
  let data;
  try {
    data = await ask("dataset", { node: state.node, column: state.column, ...moment(state) }, "panel");
  } catch (error) {
    if (error.name === "AbortError") return;
    return element.replaceChildren(h("h2", { class: "bad" }, error.message), h("p", {}, error.why ?? ""), h("p", { class: "quiet" }, error.remedy ?? ""));
  }
  const link = (changes, ...text) => h("a", { href: store.link(changes), "data-go": JSON.stringify(changes) }, ...text);
  const dataset = (each) => link({ view: "graph", node: each.id, column: "", open: [] }, each.label);
  const facts = [
    ["Layer", data.layer], ["Owner", data.owner], ["Contract", data.contract && `${data.contract.id} ${data.contract.version}`], ["Version", data.version && h("code", {}, data.version)],
    ["Written", data.written && h("span", { title: time(data.written) }, `${time(data.written)} (${ago(data.written)})`)], ["By", data.writtenBy && link({ view: "job", job: `job:${data.writtenByNamespace}:${data.writtenBy}` }, data.writtenBy)],
    ["Rows", data.rows !== null && count(data.rows)], ["Tags", data.tags.join(", ")], ["Store", h("code", {}, data.namespace)], ["Name", h("code", {}, data.name)],
  ].filter(([, value]) => value);
  const column = data.columns.find((each) => each.name === state.column);
  element.replaceChildren(...[
    h("div", { class: "top" }, h("h2", {}, h("span", { class: "dot", style: { "--layer": layerColour(data.layer) } }), " ", data.label, column && h("span", { class: "quiet" }, ` . ${column.name}`)),
      h("button", { class: "icon", "aria-label": "Close details", onclick: () => store.go({ node: "", column: "" }) }, "×")),
    data.description && h("p", {}, data.description),
    h("div", { class: "actions" },
      link({ view: "impact" }, column ? `What breaks without ${column.name}?` : "What breaks without it?"),
      data.layer === "marts" && link({ view: "trace", mart: data.name.split(".").pop(), figure: state.column, key: "" }, "Trace a number"),
      column && link({ column: "" }, "All columns"), link({ up: "99", down: "0", open: [] }, "All upstream"), link({ up: "0", down: "99", open: [] }, "All downstream"),
      h("button", { onclick: (event) => { navigator.clipboard?.writeText(location.href); event.target.textContent = "Copied"; } }, "Copy link")),
    h("dl", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    column && made(column, link),
    data.sql.map((each) => statement(each, state.column)),
    h("h3", { id: "columns-title" }, `Columns (${data.columns.length})`),
    h("table", { "aria-labelledby": "columns-title" }, h("thead", {}, h("tr", {}, ["Name", "Type", "Meaning"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, data.columns.map((each) => h("tr", { class: each.name === state.column ? "on" : "" },
        h("td", { class: "mono" }, link({ column: each.name === state.column ? "" : each.name }, each.name), " ", pii(each.class), each.unresolved && h("span", { class: "badge bad", title: each.unresolved }, "unresolved")),
        h("td", { class: "mono" }, each.type ?? ""), h("td", {}, each.description ?? "", each.class && h("span", { class: "quiet" }, ` (${each.class})`)))))),
    verdicts(data), runs(data, store),
    h("h3", {}, "Made of"), data.upstream.length ? h("p", {}, joined(data.upstream.map(dataset))) : h("p", { class: "quiet" }, "Nothing before it is known."),
    h("h3", {}, "Used by"), data.downstream.length ? h("p", {}, joined(data.downstream.map(dataset))) : h("p", { class: "quiet" }, "Nothing after it is known."),
    h("p", { class: "quiet" }, h("a", { href: `/api/v1/dataset?${new URLSearchParams({ node: data.id })}` }, "As JSON")),
  ].flat(Infinity).filter(Boolean));
}

const joined = (items) => items.flatMap((each, index) => (index ? [", ", each] : [each]));

function made(column, link) {
  return [h("h3", {}, `${column.name} is made of`),
    column.unresolved && h("p", { class: "bad" }, `Not resolved: ${column.unresolved}`),
    column.from.length ? h("table", {}, h("thead", {}, h("tr", {}, ["Column", "How", "By"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, column.from.map((edge) => h("tr", {},
      h("td", { class: "wide" }, link({ node: edge.source.id, column: edge.source.column }, `${edge.source.label}.${edge.source.column}`)), h("td", {}, way(edge), edge.masking && [" ", h("span", { class: "badge good" }, "masked")]), h("td", { class: "wide quiet" }, edge.job.name)))))
      : h("p", { class: "quiet" }, "No column: it is a constant, a count, or the start of the line.")];
}

function statement({ job, sql, lines }, column) {
  const values = new Set(lines?.values), rows = new Set(lines?.rows);
  const body = h("pre", { class: "sql", tabindex: 0, "aria-label": `SQL of ${job.name}` }, sql.split("\n").map((text, index) => h("span", { class: values.has(index + 1) ? "made" : rows.has(index + 1) ? "decides" : "" }, text || " ")));
  queueMicrotask(() => { const first = body.querySelector(".made"); if (first) body.scrollTop = first.offsetTop - body.offsetTop - 40; });
  return [h("h3", {}, `SQL of ${job.name}`), column && (values.size ? h("p", { class: "quiet" }, h("span", { class: "badge warn" }, `makes ${column}`), " ", h("span", { class: "badge good" }, "decides which rows")) : h("p", { class: "quiet" }, `No line could be singled out for ${column}.`)), body];
}

function verdicts(data) {
  if (!data.checks.length) return null;
  const failed = data.checks.filter((each) => !each.success);
  return [h("h3", {}, `Quality (${data.checks.length - failed.length} of ${data.checks.length} passed)`), h("p", { class: "quiet" }, time(data.checked)),
    h("table", {}, h("tbody", {}, [...failed, ...data.checks.filter((each) => each.success)].slice(0, 40).map((each) => h("tr", {}, h("td", { class: "wide" }, each.name ?? each.assertion), h("td", { class: "mono" }, each.column ?? ""),
      h("td", { class: each.success ? "good" : each.severity === "warn" ? "warn" : "bad" }, each.success ? "passed" : `${each.actual ?? "some"} rows, ${each.severity === "warn" ? "warned" : "failed"}`)))))];
}

function runs(data, store) {
  if (!data.runs.length) return null;
  return [h("h3", {}, "Latest runs"), h("table", {}, h("thead", {}, h("tr", {}, ["Ended (UTC)", "Job", "State", "Took", "Rows", "See"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, data.runs.map((each) => h("tr", {},
    h("td", {}, time(each.event_time).replace(" UTC", "")), h("td", { class: "wide" }, each.job_name), h("td", { class: STATES[each.state] ?? "" }, (each.state ?? "").toLowerCase(), each.error && h("div", { class: "bad" }, each.error)), h("td", {}, duration(each.started_at, each.ended_at)), h("td", { class: "number" }, count(each.rows)),
    h("td", {}, h("a", { href: store.link({ run: each.run_id, at: "" }), "data-go": JSON.stringify({ run: each.run_id, at: "" }), title: "The graph as it was for this run" }, "then"), " ", h("a", { href: `/api/v1/runs/${each.run_id}` }, "events"))))))];
}
