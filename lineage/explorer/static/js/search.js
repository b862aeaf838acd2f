// The one box: types ahead, by keyboard or mouse.
import { $, h, layerColour } from "./dom.js";
import { ask, moment } from "./api.js";

export function search(store) {
  const input = $("search"), list = $("results");
  let results = [], at = -1, timer = 0;
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((each, position) => each.setAttribute("aria-selected", String(position === index)));
    const chosen = list.children[index];
    if (chosen) { chosen.scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", chosen.id); }
  };
  const open = (found) => {
    close();
    input.blur();
    if (found.kind === "run") store.go({ view: "graph", node: "", column: "", run: found.name, at: "", collapse: null, open: [] });
    else if (found.kind === "job") store.go({ view: "job", job: found.nodeId });
    else store.go({ view: "graph", node: found.nodeId, column: found.column, collapse: [], open: [], full: [] });
  };
  const show = (found) => {
    results = found;
    list.replaceChildren(...found.map((each, index) => h("li", { role: "option", id: `result-${index}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); open(each); } },
      h("span", { class: "kind" }, each.kind), h("span", { class: "dot", style: { "--layer": layerColour(each.layer) } }), h("span", { class: "text" }, each.name), h("span", { class: "note" }, each.note))));
    if (!found.length) list.replaceChildren(h("li", { class: "quiet" }, "Nothing is called that."));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (found.length) mark(0);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (!input.value.trim()) return close();
    timer = setTimeout(async () => {
      try { show((await ask("search", { q: input.value, limit: 40, ...moment(store.state) }, "search")).results); } catch (error) { if (error.name !== "AbortError") close(); }
    }, 90);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); if (results.length) mark((at + (event.key === "ArrowDown" ? 1 : results.length - 1)) % results.length); }
    else if (event.key === "Enter" && results[at] && !list.hidden) open(results[at]);
    else if (event.key === "Escape") { close(); input.blur(); $("stage").focus(); }
  });
  input.addEventListener("blur", close);
}
