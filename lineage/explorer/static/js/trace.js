// From a figure to the changes behind it: mart, row and figure in; runs, rows, changes and offsets out.
import { $, h, count, duration, layerColour, time } from "./dom.js";
import { ask } from "./api.js";

const MARTS = /\.marts\.|:marts\./;

export async function trace(store) {
  const { state } = store;
  const { results } = await ask("search", { q: "dataset:marts.", limit: 200 });
  const marts = [...new Set(results.filter((each) => MARTS.test(`:${each.name}`)).map((each) => each.name.split(".").pop()))].sort();
  const head = [h("h2", {}, "Trace a number"), h("p", { class: "quiet" }, "Choose a mart, a row and a figure: here is what it was made of, down to the changes in the operational database, with their place in its log and in the topic."),
    h("form", { onsubmit: (event) => event.preventDefault() }, h("label", {}, "Mart", h("select", { "aria-label": "Mart", onchange: (event) => store.go({ mart: event.target.value, key: "", figure: "", query: "" }) }, h("option", { value: "" }, "Choose"), marts.map((each) => h("option", { value: each, selected: each === state.mart }, each)))),
      (state.key || state.query) && h("button", { type: "button", onclick: () => store.go({ key: "", figure: "", query: "" }) }, "Another figure")),
    !state.key && pasted(store)];
  if (!state.mart && !state.query) return head;
  if (!state.key || !state.figure) return [...head, await rows(store)];
  $("page").replaceChildren(...head.filter(Boolean), h("p", { class: "quiet", role: "status" }, "Following the figure to its changes …"));
  const data = await ask("trace", { mart: state.mart, key: JSON.parse(state.key), figure: state.figure }, "trace");
  return [...head, ...behind(store, data)];
}

// The query is understood, not run: it says which rows of which mart, and which of their figures.
function pasted(store) {
  const text = h("textarea", { rows: 3, spellcheck: "false", "aria-label": "Query", placeholder: "SELECT sum(net_amount) FROM marts.sales_by_day WHERE currency = 'EUR' AND sales_on >= '2026-01-01'" });
  text.value = store.state.query;
  return h("form", { onsubmit: (event) => { event.preventDefault(); if (text.value.trim()) store.go({ query: text.value.trim(), mart: "", key: "", figure: "" }); } },
    h("label", { class: "wide" }, "Or paste a query of a mart", text), h("button", {}, "Find its figures"));
}

async function rows(store) {
  const { query } = store.state;
  const data = await ask("trace", query ? { query } : { mart: store.state.mart }, "trace");
  const keys = new Set(data.key), asked = new Set(data.figures.flatMap((each) => each.columns));
  const choose = (row, column) => store.go({ mart: data.mart, query: "", key: JSON.stringify(data.key.map((each) => `${each}=${row[each]}`)), figure: column });
  const columns = asked.size ? data.columns.filter((each) => keys.has(each) || asked.has(each)) : data.columns;
  const made = data.figures.filter((each) => !(each.columns.length === 1 && each.columns[0] === each.name));
  return h("section", { class: "block" }, h("h3", {}, `Rows of ${data.mart}`),
    h("p", { class: "quiet" }, `${count(data.total)} ${data.total === 1 ? "row" : "rows"}${data.total > data.rows.length ? `, of which ${data.rows.length} are shown` : ""}, of build ${data.build}. Choose a figure.`),
    made.length > 0 && h("ul", {}, made.map((each) => h("li", {}, h("code", {}, each.name), each.columns.length ? [" is made of ", each.columns.map((one, index) => [index ? ", " : "", h("code", {}, one)])] : " counts these rows"))),
    h("table", {}, h("thead", {}, h("tr", {}, columns.map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, data.rows.map((row) => h("tr", {}, columns.map((each) => h("td", { class: "mono" }, keys.has(each) ? String(row[each]) : h("button", { class: "link mono", title: `Trace ${each}`, onclick: () => choose(row, each) }, row[each] === null ? "–" : String(row[each])))))))));
}

const AGREEMENT = { same: ["good", "same"], different: ["bad", "different"], "not yet": ["quiet", "not yet"] };

const exported = (data, format) => `/api/v1/export?${new URLSearchParams([["mart", data.mart], ["figure", data.figure], ...Object.entries(data.key).map(([name, value]) => ["key", `${name}=${value}`]), ["format", format]])}`;

function behind(store, data) {
  const key = Object.entries(data.key).map(([name, value]) => `${name} ${value}`).join(", ");
  const counted = data.sources.map((each) => each.changes.filter((one) => one.counts).length).reduce((left, right) => left + right, 0);
  return [h("div", { class: "cards" }, h("div", { class: "card" }, h("b", {}, String(data.value)), `${data.figure} of ${data.mart}, ${key}`),
    data.behind && h("div", { class: "card" }, h("b", {}, count(data.behind.total)), `rows of ${data.behind.of.replace(/^build_[^.]+\./, "build.")}`), h("div", { class: "card" }, h("b", {}, count(data.sources.reduce((sum, each) => sum + each.total, 0))), "change events in raw"), h("div", { class: "card" }, h("b", {}, count(data.runs.length)), "runs")),
    h("p", {}, `Published ${time(data.publication.publishedAt)} as build `, h("code", {}, data.publication.build), data.cut && `; the sources were read as of ${data.cut.slice(0, 23)} UTC.`),
    h("p", {}, h("a", { href: store.link({ view: "graph", node: `marts.${data.mart}`, column: data.figure }), "data-go": JSON.stringify({ view: "graph", node: `marts.${data.mart}`, column: data.figure, up: "2", collapse: [] }) }, "Its path in the graph"), " "),
    h("div", { class: "actions" }, [["Evidence bundle", "bundle"], ["PDF", "pdf"], ["JSON", "json"], ["Changes as CSV", "changes.csv"], ["Rows as CSV", "rows.csv"]].map(([name, format]) => h("a", { href: exported(data, format), download: true }, name))),
    !data.behind && h("p", { class: "warn" }, "The statement that made it cannot be followed row by row; its runs are below."),
    data.unfollowed?.length > 0 && h("p", { class: "warn" }, `Not followed to single rows, because no key leads there: ${data.unfollowed.join(", ")}.`),
    ...data.sources.map((source) => h("section", { class: "block" }, h("h3", {}, h("span", { class: "dot", style: { "--layer": layerColour("postgres") } }), ` ${source.source.label}`), h("p", { class: "quiet" }, `${count(source.total)} change events, found by ${source.by.column} through ${source.by.through}. Those that counted are marked.`),
      source.archive && h("p", { class: source.archive.error ? "warn" : "quiet" }, source.archive.error ? `The archive ${source.archive.label} could not be read: ${source.archive.error}` : `Compared with bronze, ${source.archive.label}, snapshot ${source.archive.snapshot}.`),
      h("table", {}, h("thead", {}, h("tr", {}, ["Counts", "Change", "Committed (UTC)", "Log position", "Transaction", "Topic, partition, offset", "Loaded by run", "In bronze", ...source.columns].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, source.changes.map((each) => h("tr", { class: each.counts ? "on" : "" }, h("td", {}, each.counts ? h("span", { title: "This version counted" }, "●") : ""), h("td", {}, { r: "read", c: "insert", u: "update", d: "delete", t: "truncate" }[each.operation] ?? each.operation), h("td", {}, time(each.committedAt).replace(" UTC", "")), h("td", { class: "mono" }, each.position), h("td", { class: "mono" }, each.transaction ?? ""), h("td", { class: "mono" }, `${each.topic} ${each.partition} ${each.offset}`), h("td", {}, each.run ? h("a", { href: `/api/v1/runs/${each.run}` }, each.run.slice(0, 8)) : ""), h("td", { class: AGREEMENT[each.archived][0] }, source.archive ? AGREEMENT[each.archived][1] : ""), source.columns.map((name) => h("td", { class: "mono" }, String(each.values[name] ?? ""))))))))),
    data.behind && h("section", { class: "block" }, h("h3", {}, "The rows behind it"), h("p", { class: "quiet" }, data.behind.rows.length < data.behind.total ? `The first ${data.behind.rows.length} of ${count(data.behind.total)}.` : ""), data.behind.rows.length > 0 && h("table", {}, h("thead", {}, h("tr", {}, Object.keys(data.behind.rows[0]).map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, data.behind.rows.map((row) => h("tr", {}, Object.values(row).map((value) => h("td", { class: "mono" }, String(value ?? "")))))))),
    h("section", { class: "block" }, h("h3", {}, "The runs behind it"), h("table", {}, h("thead", {}, h("tr", {}, ["Job", "Began", "Took", "State", "Run"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, data.runs.map((each) => h("tr", {}, h("td", {}, each.job_name), h("td", {}, time(each.started_at)), h("td", {}, duration(each.started_at, each.ended_at)), h("td", {}, each.state.toLowerCase()), h("td", {}, h("a", { href: `/api/v1/runs/${each.run_id}` }, each.run_id))))))),
    h("p", { class: "hidden" }, `${counted} change events counted.`)];
}
