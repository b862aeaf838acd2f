// Taking something out: JSON, CSV, or the bundle that verifies offline.
import { h, count, time } from "./dom.js";
import { ask, moment } from "./api.js";

export async function evidence(store) {
  const { state } = store;
  const [key, { exports }, { views }, { moments }] = await Promise.all([ask("evidence/key"), ask("exports"), ask("views"), ask("moments")]);
  const what = { node: state.node, column: state.column, ...moment(state), down: 0 };
  const address = (parameters) => `/api/v1/export?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined))}`;
  const link = (text, parameters) => h("a", { href: address(parameters), download: true }, text);
  const name = state.node ? `${state.node.split(":").pop()}${state.column ? `.${state.column}` : ""}` : "";
  const since = h("select", { name: "since" }, moments.map((each) => h("option", { value: each.first }, time(each.first))));
  const until = h("select", { name: "until" }, [...moments].reverse().map((each) => h("option", { value: each.last }, time(each.last))));
  const period = h("form", { onsubmit: (event) => { event.preventDefault(); location.assign(address({ since: since.value, until: until.value, format: "bundle" })); } }, h("label", {}, "From", since), h("label", {}, "to", until), h("button", {}, "Evidence bundle of the period"));
  return [h("h2", {}, "Evidence"),
    h("p", {}, "A bundle holds the graph, the events behind it, their hashes, a Merkle proof for each (RFC 6962) and a checkpoint signed with Ed25519. Anybody can verify it offline with the public key alone; if one byte was changed, the verification names the entry."),
    h("section", { class: "block" }, h("h3", {}, name ? `Of ${name}${state.at || state.run ? ", as it was" : ""}` : "Of a dataset"),
      name ? h("div", { class: "actions" }, link("Evidence bundle", { ...what, format: "bundle" }), link("PDF", { ...what, format: "pdf" }), link("Graph as JSON", { ...what, format: "json" }), link("Datasets as CSV", { ...what, format: "datasets.csv" }), link("Edges as CSV", { ...what, format: "edges.csv" }), link("Columns as CSV", { ...what, format: "column_edges.csv" })) : h("p", { class: "quiet" }, "Find a dataset first, in the box above; then come here.")),
    h("section", { class: "block" }, h("h3", {}, "Of a period"), moments.length ? period : h("p", { class: "quiet" }, "No event has arrived yet.")),
    h("section", { class: "block" }, h("h3", {}, "Verify"), h("pre", { class: "sql" }, h("span", {}, "bilten lineage verify lineage-evidence.zip --key public_key.pem")), h("p", {}, "Fingerprint ", h("code", {}, key.fingerprint)), h("pre", { class: "mono" }, key.pem)),
    h("section", { class: "block" }, h("h3", {}, `Exports and traces so far (${count(exports.length)})`), exports.length ? h("table", {}, h("thead", {}, h("tr", {}, ["When", "Who", "What", "Format", "Events", "SHA-256"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, exports.map((each) => h("tr", {}, h("td", {}, time(each.at)), h("td", {}, each.by ?? ""), h("td", {}, each.question?.mart ? `${each.question.mart}.${each.question.figure}, ${Object.values(each.question.key).join(", ")}` : each.question?.node?.split(":").pop() ?? `${time(each.question?.since)} to ${time(each.question?.until)}`), h("td", {}, each.format), h("td", { class: "number" }, count(each.events)), h("td", { class: "mono" }, (each.sha256 ?? "").slice(0, 16)))))) : h("p", { class: "quiet" }, "None.")),
    h("section", { class: "block" }, h("h3", {}, `What auditors looked at (${count(views.length)})`), views.length ? h("table", {}, h("thead", {}, h("tr", {}, ["When", "Who", "What"].map((each) => h("th", { scope: "col" }, each)))), h("tbody", {}, views.map((each) => h("tr", {}, h("td", {}, time(each.at)), h("td", {}, each.by), h("td", { class: "mono" }, `${each.path.replace("/api/v1/", "")} ${decodeURIComponent(each.query)}`))))) : h("p", { class: "quiet" }, "None."))];
}
