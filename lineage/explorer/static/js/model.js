// From the service's answer to what is drawn: collapsed layers, the columns shown, the path of one column. Pure.

export const WIDTH = 264;
export const HEAD = 46;
export const ROW = 20;
const SHOWN = 8;

// Every column before or after one, by [node index, column name]; the edges on the way.
export function pathOf(graph, node, column, indirect = false) {
  const key = (index, name) => `${index}\n${name}`;
  const start = graph.nodes.findIndex((each) => each.id === node);
  const into = new Map(), out = new Map();
  for (const edge of graph.columnEdges ?? []) {
    if (edge[4] === "INDIRECT" && !indirect) continue;
    const from = key(edge[0], edge[1]), to = key(edge[2], edge[3]);
    (out.get(from) ?? out.set(from, []).get(from)).push([to, edge]);
    (into.get(to) ?? into.set(to, []).get(to)).push([from, edge]);
  }
  const columns = new Map(), edges = new Set();
  if (start < 0) return { columns, edges };
  for (const ways of [into, out]) {
    const seen = new Set([key(start, column)]);
    let level = [...seen];
    while (level.length) {
      const next = [];
      for (const here of level) {
        const [index, name] = here.split("\n");
        (columns.get(+index) ?? columns.set(+index, new Set()).get(+index)).add(name);
        for (const [there, edge] of ways.get(here) ?? []) {
          edges.add(edge);
          if (!seen.has(there)) { seen.add(there); next.push(there); }
        }
      }
      level = next;
    }
  }
  return { columns, edges };
}

// What stands on the screen: boxes with sizes, and edges between them.
export function picture(graph, state) {
  const collapsed = new Set(state.collapse ?? []);
  const path = state.node && state.column && graph.columnEdges ? pathOf(graph, state.node, state.column, state.rows === "1") : null;
  const boxes = [], boxOf = new Map(), groups = new Map();
  const showColumns = state.cols === "1" || path !== null;
  graph.nodes.forEach((node, index) => {
    if (collapsed.has(node.layer) && !graph.start.includes(node.id)) {
      let group = groups.get(node.layer);
      if (!group) {
        group = { id: `layer:${node.layer}`, group: node.layer, layer: node.layer, label: node.layer, members: [], width: WIDTH, height: HEAD, columns: [], more: 0 };
        groups.set(node.layer, group);
        boxes.push(group);
      }
      group.members.push(node);
      boxOf.set(index, group);
      return;
    }
    const onPath = path?.columns.get(index);
    let columns = [];
    if (showColumns) {
      const all = node.columns ?? [];
      const full = state.full.includes(node.id);
      columns = path && !full ? all.filter((each) => onPath?.has(each.name)) : full ? all : all.slice(0, SHOWN);
      if (onPath?.has("")) columns = [{ name: "", type: "all rows" }, ...columns];
    }
    const more = showColumns ? (node.columns ?? []).length - columns.filter((each) => each.name).length : 0;
    const rows = columns.length + (more > 0 && columns.length > 0 ? 1 : 0);
    const box = { id: node.id, node, index, layer: node.layer, label: node.label, columns, more: columns.length ? more : 0, onPath, dim: path !== null && !onPath, width: WIDTH, height: HEAD + (rows ? rows * ROW + 7 : 0) };
    boxes.push(box);
    boxOf.set(index, box);
  });
  const place = new Map(graph.nodes.map((node, index) => [node.id, index]));
  const edges = new Map();
  for (const edge of graph.edges) {
    const source = boxOf.get(place.get(edge.source)), target = boxOf.get(place.get(edge.target));
    if (source === target) continue;
    const key = `${source.id}\n${target.id}`;
    const known = edges.get(key);
    if (known) known.jobs.push(...edge.jobs);
    else edges.set(key, { source: source.id, target: target.id, jobs: [...edge.jobs], dim: path !== null, lines: [] });
  }
  for (const edge of path?.edges ?? []) {
    const source = boxOf.get(edge[0]), target = boxOf.get(edge[2]);
    const known = edges.get(`${source.id}\n${target.id}`);
    if (known) { known.dim = false; known.lines.push(edge); }
  }
  return { boxes, edges: [...edges.values()], path };
}

// Where a column's row is inside its box.
export function rowOf(box, name) {
  const index = (box.columns ?? []).findIndex((each) => each.name === name);
  return index < 0 ? HEAD / 2 : HEAD + 4 + index * ROW + ROW / 2;
}
