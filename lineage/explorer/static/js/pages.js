// The other views: personal data, impact, changes, coverage, the list, one job.
import { $, h, count, layerColour, layerRank, pii, time } from "./dom.js";
import { ask, moment } from "./api.js";
import { trace } from "./trace.js";
import { evidence } from "./evidence.js";

const go = (store, changes, ...text) => h("a", { href: store.link(changes), "data-go": JSON.stringify(changes) }, ...text);
const dot = (layer) => h("span", { class: "dot", style: { "--layer": layerColour(layer) } });
export const dataset = (store, each) => [dot(each.layer), " ", go(store, { view: "graph", node: each.id, column: "", collapse: [], open: [] }, each.label)];
const column = (store, each) => [dot(each.layer), " ", go(store, { view: "graph", node: each.id, column: each.column, collapse: [], open: [] }, `${each.label}${each.column ? `.${each.column}` : ""}`)];
const table = (heads, rows) => h("table", {}, h("thead", {}, h("tr", {}, heads.map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell))))));
const card = (value, text, kind = "") => h("div", { class: "card" }, h("b", { class: kind }, value), text);
const block = (title, ...content) => h("section", { class: "block" }, h("h3", {}, title), ...content);
const none = (text) => h("p", { class: "quiet" }, text);

export async function page(store, graph) {
  const element = $("page"), { state } = store;
  if (element.dataset.view !== state.view) element.replaceChildren(h("p", { class: "quiet" }, "Asking …"));
  element.dataset.view = state.view;
  const makers = { pii: personal, impact, diff, coverage, list, job, trace, evidence };
  try {
    const content = await (makers[state.view] ?? list)(store, graph);
    if (store.state.view !== state.view) return;
    element.replaceChildren(...content.flat(Infinity).filter(Boolean));
  } catch (error) {
    if (error.name === "AbortError") return;
    element.replaceChildren(h("h2", { class: "bad" }, error.message), h("p", {}, error.why ?? ""), h("p", { class: "quiet" }, error.remedy ?? ""));
  }
  document.documentElement.dataset.ready = state.view;
}

function list(store, graph) {
  const nodes = [...(graph?.nodes ?? [])].sort((left, right) => layerRank(left.layer) - layerRank(right.layer) || left.label.localeCompare(right.label));
  const names = new Map(nodes.map((each) => [each.id, each]));
  const near = (id, from, to) => (graph?.edges ?? []).filter((edge) => edge[from] === id).map((edge) => names.get(edge[to])).filter(Boolean);
  return [h("h2", {}, `${count(nodes.length)} datasets`), h("p", { class: "quiet" }, "The same as the graph, as a table."),
    block("Datasets", table(["Layer", "Dataset", "Owner", "Columns", "Made of", "Used by"], nodes.map((each) => [each.layer, dataset(store, each), each.owner ?? "", count(each.columnCount),
      near(each.id, "target", "source").slice(0, 8).map((one) => [dataset(store, one), " "]), near(each.id, "source", "target").slice(0, 8).map((one) => [dataset(store, one), " "])])))];
}

async function personal(store) {
  const data = await ask("personal", moment(store.state), "page");
  const clear = data.reached.filter((each) => !each.masked), masked = data.reached.filter((each) => each.masked);
  const marts = (each) => each.layer === "marts";
  const sources = (each) => each.from.slice(0, 4).map((one) => [column(store, one), " "]);
  return [h("h2", {}, "Where personal data goes"), h("p", { class: "quiet" }, "Every column that a contract calls personal or sensitive, from where it enters to where its values arrive. A hash or a count masks it: from there on nobody can read it back."),
    h("div", { class: "cards" }, card(count(data.sources.length), "classified columns"), card(count(clear.filter(marts).length), "columns of marts hold them readable", clear.some(marts) ? "warn" : "good"), card(count(masked.length), "columns hold them masked", "good"), card(count(data.violations.length), "of marts undeclared", data.violations.length ? "bad" : "good")),
    data.violations.length ? block("Readable in a mart, and no contract says so", h("ul", {}, data.violations.map((each) => h("li", { class: "bad" }, column(store, each))))) : h("p", { class: "good" }, "Every column of a mart with readable personal data is declared as such in its contract."),
    block("Readable in marts", clear.some(marts) ? table(["Column", "Declared", "From"], clear.filter(marts).map((each) => [[column(store, each), " ", pii(each.class)], each.class ?? "nothing", sources(each)])) : none("None.")),
    block("Masked on the way", masked.length ? table(["Column", "From"], masked.map((each) => [column(store, each), sources(each)])) : none("None.")),
    block("Sources", table(["Column", "Classification"], data.sources.map((each) => [column(store, each), each.class])))];
}

async function impact(store) {
  const { state } = store;
  if (!state.node) return [h("h2", {}, "What breaks if I drop this?"), none("Find a dataset or a column first, in the box above; then come here.")];
  const data = await ask("impact", { node: state.node, column: state.column, ...moment(state) }, "page");
  const name = `${data.column.label}${data.column.column ? `.${data.column.column}` : ""}`;
  return [h("h2", {}, `What breaks if ${name} is dropped?`), h("p", {}, go(store, { view: "graph" }, "Show it in the graph")),
    h("div", { class: "cards" }, card(count(data.broken.length), "fail at the next run", data.broken.length ? "bad" : "good"), card(count(data.stale.length), "more are not renewed", data.stale.length ? "warn" : "good"), card(count(data.columns.length), "columns hold its values"), card(count(data.marts.length), "marts are concerned", data.marts.length ? "bad" : "good")),
    block("People to ask", data.people.length ? table(["Team", "Datasets"], data.people.map((each) => [h("b", {}, each.owner), each.datasets.map((one) => [dataset(store, one), " "])])) : none("Nobody downstream has an owner.")),
    block("Fail at the next run", data.broken.length ? table(["Dataset", "Job", "Uses it for"], data.broken.map((each) => [dataset(store, each), each.jobs.join(", "), [...new Set(each.uses.map((use) => `${use.target.column || "all rows"} (${use.subtype.toLowerCase().replaceAll("_", " ")})`))].join(", ")])) : none("Nothing names it.")),
    block("Not renewed after that", data.stale.length ? h("ul", {}, data.stale.map((each) => h("li", {}, dataset(store, each)))) : none("Nothing.")),
    block("Columns with its values", data.columns.length ? table(["Column", "Steps"], data.columns.slice(0, 300).map((each) => [column(store, each), each.distance])) : none("None."))];
}

async function diff(store) {
  const { state } = store;
  const { moments } = await ask("moments", {}, "moments");
  const options = (chosen, now) => [...(now ? [h("option", { value: "", selected: !chosen }, "now")] : []), ...moments.map((each) => h("option", { value: each.last, selected: each.last === chosen }, time(each.last)))];
  const before = state.before || moments[0]?.last || "";
  const form = h("form", { onsubmit: (event) => event.preventDefault() }, h("label", {}, "Before", h("select", { onchange: (event) => store.go({ before: event.target.value }) }, options(before, false))), h("label", {}, "After", h("select", { onchange: (event) => store.go({ after: event.target.value }) }, options(state.after, true))));
  if (!before) return [h("h2", {}, "What changed"), none("No event has arrived yet.")];
  const data = await ask("diff", { before, after: state.after }, "page");
  const both = (name, group, one) => [["added", "good"], ["removed", "bad"]].filter(([kind]) => group[kind].length).map(([kind, colour]) => block(`${name} ${kind} (${group[kind].length})`, h("ul", {}, group[kind].slice(0, 400).map((each) => h("li", { class: colour }, one(each))))));
  return [h("h2", {}, "What changed"), form, data.empty && h("p", { class: "good" }, "Nothing: the lineage is the same."),
    both("Datasets", data.datasets, (each) => dataset(store, each)), both("Ways between datasets", data.edges, (each) => [dataset(store, each.source), " → ", dataset(store, each.target), h("span", { class: "quiet" }, ` by ${each.job.name}`)]),
    data.columns.length > 0 && block(`Columns (${data.columns.length})`, table(["Column", "Before", "After"], data.columns.map((each) => [column(store, each), each.before ?? h("span", { class: "good" }, "new"), each.after ?? h("span", { class: "bad" }, "gone")]))),
    both("Ways between columns", data.columnEdges, (each) => [column(store, each.source), " → ", column(store, each.target), h("span", { class: "quiet" }, ` ${each.subtype.toLowerCase().replaceAll("_", " ")}, by ${each.job.name}`)]),
    data.facts.length > 0 && block(`Owners, contracts, versions (${data.facts.length})`, table(["Dataset", "What", "Before", "After"], data.facts.map((each) => [dataset(store, each), each.fact, each.before ?? "", each.after ?? ""])))];
}

async function coverage(store) {
  const data = await ask("coverage", moment(store.state), "page");
  return [h("h2", {}, "How much of what ran has lineage"), h("div", { class: "cards" }, card(count(data.transformations), "transformations ran"), card(count(data.covered), "have column lineage", data.covered === data.transformations ? "good" : "warn"), card(count(data.columns), "columns were written"), card(count(data.unresolved.length), "could not be resolved", data.unresolved.length ? "warn" : "good")),
    block("Without column lineage", data.uncovered.length ? table(["Job", "Wrote"], data.uncovered.map((each) => [each.job.name, dataset(store, each.dataset)])) : none("None.")),
    block("Unresolved columns", data.unresolved.length ? table(["Column", "Why"], data.unresolved.map((each) => [column(store, each), each.reason])) : none("None."))];
}

async function job(store) {
  const [, namespace, ...rest] = store.state.job.split(":");
  const data = await ask("job", { namespace, name: rest.join(":"), ...moment(store.state) }, "page");
  const type = data.facets.jobType ?? {};
  return [h("h2", {}, data.name), h("p", {}, data.facets.documentation?.description ?? ""), h("p", { class: "quiet" }, [type.integration, type.jobType, type.processingType].filter(Boolean).join(" · ")),
    block("Reads", data.inputs.map((each) => h("div", {}, dataset(store, each)))), block("Writes", data.outputs.map((each) => h("div", {}, dataset(store, each)))),
    block("Runs", table(["Began", "State", "Run", "See"], data.runs.map((each) => [time(each.started_at), each.state.toLowerCase(), h("code", {}, each.run_id), go(store, { view: "graph", run: each.run_id, at: "" }, "graph then")])))];
}
