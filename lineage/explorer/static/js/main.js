// Puts the page together: state in, picture out.
import { $, h, layerColour, layerRank, say, time } from "./dom.js";
import { ask, moment } from "./api.js";
import { picture } from "./model.js";
import { page } from "./pages.js";
import { panel } from "./panel.js";
import { search } from "./search.js";
import { whoAmI } from "./session.js";
import { Stage } from "./stage.js";
import { Store } from "./state.js";

const VIEWS = [["graph", "Graph"], ["pii", "Personal data"], ["impact", "Impact"], ["diff", "Changes"], ["coverage", "Coverage"], ["trace", "Trace"], ["evidence", "Evidence"]];
const OVERVIEW = 60; // From this many datasets on, the page begins with layers instead of datasets.
const QUESTION = ["node", "column", "up", "down", "open", "at", "run"];

let graph = null, asked = "", moments = [];

const stage = new Stage({
  focus: () => ({ node: store.state.node, column: store.state.column }),
  choose: (node, column = "") => store.go({ node, column: column && node === store.state.node && column === store.state.column ? "" : column }),
  grow: (way, node) => store.go({ open: [...store.state.open, `${way}:${node}`], node: store.state.node || node }),
  full: (node) => store.go({ full: [...store.state.full, node] }),
  expandLayer: (layer) => store.go({ collapse: collapsed().filter((each) => each !== layer) }),
  moved: ({ x, y, k }) => store.look({ x: x.toFixed(0), y: y.toFixed(0), k: k.toFixed(3) }),
});
const store = new Store((state, before) => show(state, before));

const collapsed = () => store.state.collapse ?? atFirst();
const atFirst = () => (!store.state.node && graph && graph.nodes.length > OVERVIEW ? [...new Set(graph.nodes.map((node) => node.layer))] : []);

async function show(state, before) {
  document.title = `${state.node ? `${state.node.split(":").pop()}${state.column ? `.${state.column}` : ""} · ` : ""}Bilten lineage`;
  views(state);
  clock(state);
  const isGraph = state.view === "graph" || state.view === "list";
  $("stage").hidden = state.view !== "graph";
  $("page").hidden = state.view === "graph";
  $("bar").hidden = !isGraph;
  if (!isGraph) { $("panel").replaceChildren(); return page(store); }
  const question = JSON.stringify(QUESTION.map((name) => state[name]));
  const begun = performance.now();
  try {
    if (question !== asked || !graph) {
      if (!graph) notice("Asking for the graph …");
      graph = await ask("graph", { node: state.node, column: state.column, up: state.up, down: state.down, open: state.open, columns: state.node ? 1 : 0, ...moment(state) }, "graph");
      asked = question;
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    notice(`${error.message} ${error.remedy ?? ""}`, true);
    graph = null;
    panel(store);
    return;
  }
  if (state.node && graph.start[0] && state.node !== graph.start[0]) {
    // Somebody wrote `marts.sales_by_day`: from here on it has its full name.
    store.look({ node: graph.start[0] });
    state = store.state;
    asked = JSON.stringify(QUESTION.map((name) => state[name]));
  }
  controls(state);
  panel(store);
  if (state.view === "list") return page(store, graph);
  const shown = picture(graph, { ...state, collapse: collapsed() });
  for (const box of shown.boxes) box.start = graph.start.includes(box.id);
  if (shown.boxes.length > 400) notice(`Laying out ${shown.boxes.length.toLocaleString("en")} boxes …`);
  const view = state.k && !before ? { x: +state.x, y: +state.y, k: +state.k } : undefined;
  stage.chosen = state.node;
  const fresh = before && before.node === state.node && before.view === state.view ? state.node : before && stage.byId?.has(state.node) ? state.node : undefined;
  // What was opened just now is what somebody wants to read.
  const opened = before && state.collapse && [...new Set(graph.nodes.map((node) => node.layer))].find((layer) => (before.collapse ?? atFirst()).includes(layer) && !state.collapse.includes(layer));
  if (!(await stage.show(shown, { anchor: fresh, view, layer: opened }))) return;
  if (state.node && !view) { if (fresh) stage.reveal(state.node); else if (stage.view.k < 0.45) stage.centre(state.node, 0.6); }
  stage.select(state.node);
  notice(graph.nodes.length ? "" : "No event has arrived yet.");
  document.documentElement.dataset.ready = question;
  Object.assign(window, { bilten: { milliseconds: performance.now() - begun, layout: stage.milliseconds, boxes: shown.boxes.length, stage } });
}

function notice(text, bad = false) {
  $("notice").textContent = text;
  $("notice").className = bad ? "bad" : "";
}

function views(state) {
  $("views").replaceChildren(...VIEWS.map(([id, name]) => h("a", { href: store.link({ view: id }), "data-go": JSON.stringify({ view: id }), "aria-current": (state.view === id || (id === "graph" && state.view === "list")) && "page" }, name)));
}

function controls(state) {
  const button = (text, attributes, run) => h("button", { type: "button", ...attributes, onclick: run }, text);
  const levels = (name, label) => h("label", {}, label, h("select", { "aria-label": `Levels ${label}`, onchange: (event) => store.go({ [name]: event.target.value, open: [] }) },
    [...new Set(["0", "1", "2", "3", "5", "8", "99", state[name]])].sort((left, right) => left - right).map((each) => h("option", { value: each, selected: each === state[name] }, each === "99" ? "all" : each))));
  $("controls").replaceChildren(...[
    state.node && levels("up", "upstream"), state.node && levels("down", "downstream"),
    state.node && button("Columns", { "aria-pressed": String(state.cols === "1"), title: "Columns inside the boxes (c)" }, () => toggle("cols")),
    state.column && button("Filters and joins", { "aria-pressed": String(state.rows === "1"), title: "Also follow what only decides about rows (r)" }, () => toggle("rows")),
    state.column && button("Release column", { title: "Esc" }, () => store.go({ column: "" })),
    button("Fit", { title: "Fit all (f)" }, () => stage.fit()), button("+", { "aria-label": "Zoom in" }, () => stage.zoom(1.25)), button("−", { "aria-label": "Zoom out" }, () => stage.zoom(0.8)),
    button("List", { "aria-pressed": String(state.view === "list"), title: "The same as a table (l)" }, () => store.go({ view: state.view === "list" ? "graph" : "list" })),
    state.node && button("Overview", {}, () => store.go({ node: "", column: "", open: [], full: [], collapse: null })),
    h("span", { class: "quiet" }, `${graph.nodes.length.toLocaleString("en")} datasets`),
  ].filter(Boolean));
  const hidden = new Set(collapsed());
  const numbers = new Map();
  for (const node of graph.nodes) numbers.set(node.layer, (numbers.get(node.layer) ?? 0) + 1);
  $("layers").replaceChildren(...[...numbers].sort(([left], [right]) => layerRank(left) - layerRank(right)).map(([layer, number]) => h("button", {
    type: "button", "aria-pressed": String(!hidden.has(layer)), title: hidden.has(layer) ? `Open ${layer}` : `Collapse ${layer}`, style: { "--layer": layerColour(layer) },
    onclick: () => store.go({ collapse: hidden.has(layer) ? [...hidden].filter((each) => each !== layer) : [...hidden, layer] }),
  }, h("span", { class: "dot" }), layer, h("span", { class: "quiet" }, number))));
}

const toggle = (name) => store.go({ [name]: store.state[name] === "1" ? "0" : "1" });

function clock(state) {
  const place = $("time");
  const at = state.at ? moments.findLastIndex((each) => new Date(each.last) <= new Date(state.at)) : moments.length;
  const most = Math.max(1, ...moments.map((each) => each.events));
  const label = state.run ? `as of run ${state.run.slice(0, 8)}…` : state.at ? `as of ${time(state.at)}` : "now";
  const slider = h("input", {
    type: "range", min: 0, max: moments.length, step: 1, "aria-label": "Moment", "aria-valuetext": label,
    oninput: (event) => { output.textContent = +event.target.value >= moments.length ? "now" : time(moments[event.target.value].last); },
    onchange: (event) => { const index = +event.target.value; store.go({ run: "", at: index >= moments.length ? "" : moments[index].last }); },
  });
  slider.value = Math.max(0, at);
  const output = h("output", { class: state.at || state.run ? "past" : "" }, label);
  place.replaceChildren(h("span", { class: "quiet" }, "Time"),
    h("div", { class: "slider" }, h("div", { class: "bars", "aria-hidden": "true" }, moments.map((each) => h("i", { class: each.failures ? "failed" : "", style: { height: `${(100 * Math.sqrt(each.events / most)).toFixed(0)}%` }, title: `${time(each.hour)}: ${each.events} events` })), h("i", { style: { visibility: "hidden" } })), slider),
    output, ...(state.at || state.run ? [h("button", { type: "button", onclick: () => store.go({ at: "", run: "" }) }, "Now"), h("a", { href: store.link({ view: "diff", before: state.at, after: "" }), "data-go": JSON.stringify({ view: "diff", before: state.at, after: "" }) }, "What changed since?")] : []));
}

function themes() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const theme = localStorage.getItem("theme") ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = theme === "dark" ? "☀" : "☾";
    stage.repaint();
  };
  dark.addEventListener("change", set);
  $("theme").onclick = () => { localStorage.setItem("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark"); set(); };
  set();
}

const KEYS = [["/", "find"], ["← →", "go upstream, downstream"], ["↑ ↓", "go up and down in a layer"], ["Enter", "open the dataset, then its details"], ["u, d", "show one more level upstream, downstream"], ["c", "columns inside the boxes"], ["r", "filters and joins of the column"], ["l", "list instead of graph"], ["f", "fit all"], ["+ −", "zoom"], ["Esc", "release the column, then the dataset"], ["?", "this help"]];

function keyboard() {
  let hovered = "";
  $("help").append(h("h2", {}, "Keyboard"), h("table", {}, h("tbody", {}, KEYS.map(([key, text]) => h("tr", {}, h("td", {}, h("kbd", {}, key)), h("td", {}, text))))), h("form", { method: "dialog" }, h("button", { autofocus: true }, "Close")));
  $("help-open").onclick = () => $("help").showModal();
  addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey || $("help").open || $("sign-in").open) return;
    const { state } = store, here = stage.chosen || state.node;
    const actions = {
      "/": () => { $("search").focus(); $("search").select(); }, "?": () => $("help").showModal(), f: () => stage.fit(), "+": () => stage.zoom(1.25), "=": () => stage.zoom(1.25), "-": () => stage.zoom(0.8),
      c: () => toggle("cols"), r: () => toggle("rows"), l: () => store.go({ view: state.view === "list" ? "graph" : "list" }),
      u: () => here && store.go({ open: [...state.open, `up:${here}`] }), d: () => here && store.go({ open: [...state.open, `down:${here}`] }),
      Escape: () => (state.column ? store.go({ column: "" }) : state.node ? store.go({ node: "" }) : null),
    };
    if (event.key.startsWith("Arrow") && (document.activeElement === $("stage") || document.activeElement === document.body) && state.view === "graph") {
      hovered = stage.step(event.key) ?? here;
      stage.select(hovered);
      stage.reveal(hovered);
      event.preventDefault();
    } else if (event.key === "Enter" && document.activeElement === $("stage")) {
      const box = stage.byId?.get(stage.chosen);
      if (box?.group) store.go({ collapse: collapsed().filter((each) => each !== box.group) });
      else if (stage.chosen === state.node) $("panel").focus();
      else if (stage.chosen) store.go({ node: stage.chosen, column: "" });
    } else if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
}

// Links inside the page change the state without loading the page again.
addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  store.go({ view: store.state.view, ...JSON.parse(link.dataset.go) });
});

themes();
keyboard();
search(store);
whoAmI();
show(store.state, null);
ask("moments").then((answer) => { moments = answer.moments; clock(store.state); }).catch(() => say("The time line is not available."));
