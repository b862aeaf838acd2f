// Lays a graph out beside the page, so that the page never stands still.
/* global dagre */
importScripts("/explorer/vendor/dagre-3.1.3/dagre.js");

// Network simplex gives the shortest edges, but takes seconds from some hundred nodes on (2,000 nodes: 23 s; tight tree: 2 s).
const MOST_FOR_SIMPLEX = 150;
// Beyond this, crossings are not reduced further: from so far away nobody sees them, and it would take most of the time.
const MOST_FOR_SWEEPS = 600;

onmessage = ({ data }) => {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: "LR", nodesep: 16, edgesep: 6, ranksep: 84, marginx: 40, marginy: 40,
    ranker: data.nodes.length > MOST_FOR_SIMPLEX ? "tight-tree" : "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of data.nodes) graph.setNode(node.id, { width: node.width, height: node.height });
  for (const edge of data.edges) graph.setEdge(edge.source, edge.target, {});
  const begun = performance.now();
  dagre.layout(graph, { disableOptimalOrderHeuristic: data.nodes.length > MOST_FOR_SWEEPS });
  const place = (id) => {
    const { x, y, width, height } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2 };
  };
  postMessage({
    id: data.id,
    milliseconds: performance.now() - begun,
    nodes: data.nodes.map((node) => place(node.id)),
    edges: data.edges.map((edge) => graph.edge(edge.source, edge.target).points),
    width: graph.graph().width,
    height: graph.graph().height,
  });
};
