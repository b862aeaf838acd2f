// Draws the graph: lines (and, from afar, boxes) on a canvas, near boxes as elements. Only what is in view exists.
import { $, h, count, layerColour, pii, say } from "./dom.js";
import { HEAD, WIDTH, rowOf } from "./model.js";

const NEAR = 0.42; // Below this scale names cannot be read: boxes are painted, not built.
const READABLE = 0.72;
const SPARE = 240; // Pixels around the view in which boxes exist already, so that moving shows no gaps.

export class Stage {
  constructor(handlers) {
    this.handlers = handlers;
    this.element = $("stage");
    this.canvas = $("lines");
    this.world = $("world");
    this.map = $("minimap");
    this.view = { x: 0, y: 0, k: 1 };
    this.boxes = [];
    this.edges = [];
    this.built = new Map();
    this.chosen = "";
    this.colours = new Map();
    this.worker = new Worker("/explorer/js/layout-worker.js");
    this.asked = 0;
    this.waiting = new Map();
    this.worker.onmessage = ({ data }) => { this.waiting.get(data.id)?.(data); this.waiting.delete(data.id); };
    // What fitted before fits again when the panel takes its place or the window changes.
    new ResizeObserver(() => (this.fitted ? this.fit(this.fitted) : this.draw())).observe(this.element);
    this.listen();
  }

  layout(picture) {
    const id = ++this.asked;
    this.worker.postMessage({
      id,
      nodes: picture.boxes.map(({ id: name, width, height }) => ({ id: name, width, height })),
      edges: picture.edges.map(({ source, target }) => ({ source, target })),
    });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  // Show a picture. What was chosen keeps its place on the screen, so that nobody loses sight of it.
  async show(picture, { anchor, view, layer } = {}) {
    const placed = await this.layout(picture);
    if (placed.id !== this.asked) return false;
    const before = this.byId?.get(anchor);
    const shown = before && { x: before.x * this.view.k + this.view.x, y: before.y * this.view.k + this.view.y };
    placed.nodes.forEach((place, index) => Object.assign(picture.boxes[index], place));
    this.boxes = picture.boxes;
    this.byId = new Map(this.boxes.map((box) => [box.id, box]));
    this.edges = picture.edges.map((edge, index) => this.route(edge, placed.edges[index]));
    this.size = { width: placed.width || 1, height: placed.height || 1 };
    for (const element of this.built.values()) element.remove();
    this.built.clear();
    this.milliseconds = placed.milliseconds;
    const now = this.byId.get(anchor);
    this.fitted = null;
    if (view) this.view = view;
    else if (layer && this.boxes.some((box) => box.layer === layer)) this.fitLayer(layer);
    else if (shown && now) { this.view.x = shown.x - now.x * this.view.k; this.view.y = shown.y - now.y * this.view.k; }
    else this.fit(this.boxes.some((box) => box.dim) ? this.boxes.filter((box) => !box.dim) : this.boxes);
    this.draw();
    return true;
  }

  route(edge, points) {
    const source = this.byId.get(edge.source), target = this.byId.get(edge.target);
    const inner = points.slice(1, -1);
    // Every other point stands in a layer that the edge only passes: there it goes straight, between the boxes.
    const passes = inner.filter((_, index) => index % 2 === 1).flatMap(({ x, y }) => [{ x: x - WIDTH / 2, y }, { x: x + WIDTH / 2, y }]);
    const between = (fromY, toY) => {
      const path = new Path2D();
      let x = source.x + source.width, y = source.y + fromY;
      path.moveTo(x, y);
      for (const point of [...(source.x < target.x ? passes : inner), { x: target.x, y: target.y + toY }]) {
        const half = (point.x - x) / 2;
        path.bezierCurveTo(x + half, y, point.x - half, point.y, point.x, point.y);
        ({ x, y } = point);
      }
      return path;
    };
    const xs = [source.x, target.x + target.width], ys = [source.y, target.y, source.y + source.height, target.y + target.height, ...inner.map((each) => each.y)];
    return {
      ...edge, path: between(HEAD / 2, HEAD / 2), tip: { x: target.x, y: target.y + HEAD / 2 },
      lines: edge.lines.map((line) => ({ path: between(rowOf(source, line[1]), rowOf(target, line[3])), line, tip: { x: target.x, y: target.y + rowOf(target, line[3]) } })),
      box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    };
  }

  // Everything in view; with a column's path, the path.
  fit(boxes = this.boxes) {
    const { clientWidth: width, clientHeight: height } = this.element;
    const some = boxes.length ? boxes : this.boxes;
    const left = Math.min(...some.map((box) => box.x)) - 40, top = Math.min(...some.map((box) => box.y)) - 40;
    const wide = Math.max(...some.map((box) => box.x + box.width)) + 40 - left, high = Math.max(...some.map((box) => box.y + box.height)) + 40 - top;
    const k = Math.min(1.1, Math.max(0.02, Math.min(width / wide, height / high)));
    this.fitted = boxes;
    if (Number.isFinite(k)) this.view = { k, x: (width - wide * k) / 2 - left * k, y: (height - high * k) / 2 - top * k };
    this.draw();
    this.settle();
  }

  // An opened layer, so near that its names can be read; a tall one is seen from its beginning.
  fitLayer(layer) {
    // Most of a layer stands in one column; what does not would pull the view aside.
    const columns = Map.groupBy(this.boxes.filter((box) => box.layer === layer), (box) => Math.round(box.x / WIDTH));
    const some = [...columns.values()].sort((left, right) => right.length - left.length)[0];
    const top = Math.min(...some.map((box) => box.y)) - 40, high = Math.max(...some.map((box) => box.y + box.height)) + 40 - top;
    const middle = (Math.min(...some.map((box) => box.x)) + Math.max(...some.map((box) => box.x + box.width))) / 2;
    const { clientWidth: width, clientHeight: height } = this.element;
    const k = Math.min(1.1, Math.max(READABLE, height / high));
    const part = Math.min(0.65, Math.max(0.35, middle / this.size.width));
    this.fitted = null;
    this.view = { k, x: width * part - middle * k, y: Math.max((height - high * k) / 2, 0) - top * k };
    this.draw();
    this.settle();
  }

  centre(id, k = Math.max(0.75, this.view.k)) {
    const box = this.byId?.get(id);
    if (!box) return;
    const { clientWidth, clientHeight } = this.element;
    // What stands at the end of the line is shown there, so that its way is in view.
    const part = Math.min(0.78, Math.max(0.22, (box.x + box.width / 2) / this.size.width));
    this.fitted = null;
    this.view = { k, x: clientWidth * part - (box.x + box.width / 2) * k, y: clientHeight / 2 - (box.y + box.height / 2) * k };
    this.draw();
    this.settle();
  }

  reveal(id) {
    const box = this.byId?.get(id);
    if (!box) return;
    const { x, y, k } = this.view;
    const left = box.x * k + x, top = box.y * k + y;
    if (left < 30 || top < 20 || left + box.width * k > this.element.clientWidth - 30 || top + 44 * k > this.element.clientHeight - 20) this.centre(id, k);
  }

  zoom(factor, at) {
    const point = at ?? { x: this.element.clientWidth / 2, y: this.element.clientHeight / 2 };
    const k = Math.min(2.5, Math.max(0.02, this.view.k * factor));
    const real = k / this.view.k;
    this.fitted = null;
    this.view = { k, x: point.x - (point.x - this.view.x) * real, y: point.y - (point.y - this.view.y) * real };
    this.draw();
    this.settle();
  }

  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.handlers.moved(this.view), 300);
  }

  colour(name) {
    if (!this.colours.has(name)) this.colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return this.colours.get(name);
  }

  repaint() {
    this.colours.clear();
    this.draw();
  }

  draw() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => { this.frame = 0; this.paint(); });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = devicePixelRatio || 1, { x, y, k } = this.view;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(k * ratio, 0, 0, k * ratio, x * ratio, y * ratio);
    const seen = [(-x - SPARE) / k, (-y - SPARE) / k, (width - x + SPARE) / k, (height - y + SPARE) / k];
    const inView = ([left, top, right, bottom]) => left < seen[2] && right > seen[0] && top < seen[3] && bottom > seen[1];
    this.paintEdges(context, k, inView);
    const near = k >= NEAR;
    const visible = this.boxes.filter((box) => inView([box.x, box.y, box.x + box.width, box.y + box.height]));
    if (!near) this.paintBoxes(context, k, visible);
    this.world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    const wanted = new Set(near ? visible.map((box) => box.id) : []);
    for (const [id, element] of this.built) if (!wanted.has(id)) { element.remove(); this.built.delete(id); }
    if (near) for (const box of visible) if (!this.built.has(box.id)) { const element = this.build(box); this.built.set(box.id, element); this.world.append(element); }
    this.paintMap(seen);
  }

  paintEdges(context, k, inView) {
    const quiet = this.colour("--quiet"), accent = this.colour("--accent"), good = this.colour("--good");
    const arrow = (tip, colour) => {
      if (k < 0.25) return;
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(tip.x, tip.y); context.lineTo(tip.x - 8, tip.y - 4); context.lineTo(tip.x - 8, tip.y + 4);
      context.fill();
    };
    for (const edge of this.edges) {
      if (!inView(edge.box)) continue;
      const touches = this.chosen && (edge.source === this.chosen || edge.target === this.chosen);
      if (!edge.lines.length) {
        context.globalAlpha = edge.dim ? 0.12 : touches ? 0.95 : 0.45;
        context.strokeStyle = touches && !edge.dim ? accent : quiet;
        context.lineWidth = Math.max(touches ? 1.8 : 1.2, 0.5 / k);
        context.stroke(edge.path);
        arrow(edge.tip, context.strokeStyle);
      }
      for (const { path, line, tip } of edge.lines) {
        context.globalAlpha = 0.9;
        context.strokeStyle = line[6] ? good : accent;
        context.setLineDash(line[4] === "INDIRECT" ? [5, 5] : []);
        context.lineWidth = Math.max(1.7, 0.8 / k);
        context.stroke(path);
        context.setLineDash([]);
        arrow(tip, context.strokeStyle);
      }
    }
    context.globalAlpha = 1;
  }

  paintBoxes(context, k, boxes) {
    const card = this.colour("--card"), line = this.colour("--line"), text = this.colour("--text"), accent = this.colour("--accent");
    context.font = "600 15px system-ui, sans-serif";
    for (const box of boxes) {
      context.globalAlpha = box.dim ? 0.3 : 1;
      const layer = this.colour(layerColour(box.layer).slice(4, -1));
      context.fillStyle = card;
      context.fillRect(box.x, box.y, box.width, box.height);
      if (k < 0.2) { context.globalAlpha *= 0.3; context.fillStyle = layer; context.fillRect(box.x, box.y, box.width, box.height); context.globalAlpha = box.dim ? 0.3 : 1; }
      context.strokeStyle = box.id === this.chosen ? accent : line;
      context.lineWidth = box.id === this.chosen ? 3 / k : 1;
      context.strokeRect(box.x, box.y, box.width, box.height);
      context.fillStyle = layer;
      context.fillRect(box.x, box.y, Math.max(5, 2 / k), box.height);
      if (k > 0.2) { context.fillStyle = text; context.fillText(box.label, box.x + 12, box.y + 28, box.width - 18); }
    }
    context.globalAlpha = 1;
  }

  paintMap(seen) {
    const ratio = devicePixelRatio || 1, width = this.map.clientWidth, height = this.map.clientHeight;
    if (!this.size || !width) return;
    if (this.map.width !== width * ratio) { this.map.width = width * ratio; this.map.height = height * ratio; }
    const scale = Math.min((width - 8) / this.size.width, (height - 8) / this.size.height);
    this.mapping = { scale, x: (width - this.size.width * scale) / 2, y: (height - this.size.height * scale) / 2 };
    const context = this.map.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    for (const box of this.boxes) {
      context.fillStyle = this.colour(layerColour(box.layer).slice(4, -1));
      context.globalAlpha = box.dim ? 0.2 : 0.75;
      context.fillRect(this.mapping.x + box.x * scale, this.mapping.y + box.y * scale, Math.max(1.5, box.width * scale), Math.max(1, box.height * scale));
    }
    context.globalAlpha = 1;
    context.strokeStyle = this.colour("--accent");
    context.lineWidth = 1.5;
    const spare = SPARE / this.view.k;
    context.strokeRect(this.mapping.x + (seen[0] + spare) * scale, this.mapping.y + (seen[1] + spare) * scale, (seen[2] - seen[0] - 2 * spare) * scale, (seen[3] - seen[1] - 2 * spare) * scale);
  }

  build(box) {
    const position = { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px`, "--layer": layerColour(box.layer) };
    if (box.group) {
      return h("div", { class: "node", role: "listitem", style: position, "data-id": box.id, title: `Open ${box.group}`, onclick: () => this.handlers.expandLayer(box.group) },
        h("div", { class: "head" }, h("span", { class: "name" }, box.label), h("span", { class: "sub" }, `${count(box.members.length)} datasets · open`)));
    }
    const node = box.node;
    const bad = node.checks.failed, warned = node.checks.warned;
    const classes = ["node", box.dim && "dim", box.id === this.chosen && "chosen", node.distance === 0 && box.start && "start"].filter(Boolean).join(" ");
    const grow = (way, number) => number > 0 && h("button", {
      class: `grow ${way}`, type: "button", tabindex: -1, "aria-label": `Show ${number} more ${way === "up" ? "upstream" : "downstream"} of ${node.label}`, title: `${number} more ${way === "up" ? "upstream" : "downstream"}`,
      onclick: (event) => { event.stopPropagation(); this.handlers.grow(way, node.id); },
    }, `+${number > 99 ? "" : number}`);
    return h("div", { class: classes, role: "listitem", style: position, "data-id": box.id, title: `${node.namespace} ${node.name}`, onclick: () => this.handlers.choose(node.id) },
      h("div", { class: "head" },
        h("span", { class: "name" }, node.label),
        h("span", { class: "sub" }, node.owner && h("span", {}, node.owner), h("span", {}, `${count(node.columnCount)} columns`), node.rows !== null && h("span", {}, `${count(node.rows)} rows`),
          bad > 0 && h("span", { class: "bad" }, `${bad} failed`), warned > 0 && h("span", { class: "warn" }, `${warned} warned`), node.personal > 0 && h("span", { class: "pii", title: `${node.personal} columns with personal data` }, "PII"))),
      box.columns.length > 0 && h("div", { class: "columns" }, box.columns.map((column) => this.row(box, column)),
        box.more > 0 && h("div", { class: "column more", onclick: (event) => { event.stopPropagation(); this.handlers.full(node.id); } }, `and ${box.more} more`)),
      grow("up", node.hiddenUp), grow("down", node.hiddenDown));
  }

  row(box, column) {
    const focus = this.handlers.focus();
    const state = !focus.column ? "" : focus.node === box.id && focus.column === column.name ? "focus" : box.onPath?.has(column.name) ? "on" : "off";
    return h("div", { class: `column ${state}`, title: column.name || "what decides about all rows", onclick: (event) => { event.stopPropagation(); if (column.name) this.handlers.choose(box.id, column.name); } },
      h("span", { class: "cname" }, column.name || "all rows"), pii(column.class), column.unresolved && h("span", { class: "bad" }, "?"), h("span", { class: "type" }, column.type ?? ""));
  }

  select(id) {
    this.chosen = id;
    for (const [key, element] of this.built) element.classList.toggle("chosen", key === id);
    const box = this.byId?.get(id);
    if (box?.node) say(`${box.label}, layer ${box.layer}, ${box.node.columnCount} columns, ${this.neighbours(id, -1).length} upstream, ${this.neighbours(id, 1).length} downstream`);
    this.draw();
  }

  neighbours(id, sign) {
    const found = this.edges.filter((edge) => (sign < 0 ? edge.target : edge.source) === id).map((edge) => this.byId.get(sign < 0 ? edge.source : edge.target));
    return found.sort((left, right) => left.y - right.y);
  }

  step(key) {
    const here = this.byId?.get(this.chosen);
    if (!here) return this.boxes[0]?.id;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const near = this.neighbours(here.id, key === "ArrowLeft" ? -1 : 1);
      return near.sort((left, right) => Math.abs(left.y - here.y) - Math.abs(right.y - here.y))[0]?.id;
    }
    const column = this.boxes.filter((box) => Math.abs(box.x - here.x) < 60).sort((left, right) => left.y - right.y);
    return column[column.indexOf(here) + (key === "ArrowUp" ? -1 : 1)]?.id;
  }

  listen() {
    const fingers = new Map();
    let moved = false, spread = 0;
    const point = (event) => { const area = this.element.getBoundingClientRect(); return { x: event.clientX - area.left, y: event.clientY - area.top }; };
    this.element.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey || !event.shiftKey) this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), point(event));
    }, { passive: false });
    this.element.addEventListener("pointerdown", (event) => { if (event.target === this.map || event.target.closest("button")) return; fingers.set(event.pointerId, point(event)); moved = false; });
    this.element.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = point(event);
      if (!moved && Math.hypot(now.x - before.x, now.y - before.y) < 4) return;
      if (!moved) { moved = true; this.element.setPointerCapture(event.pointerId); this.element.classList.add("moving"); }
      fingers.set(event.pointerId, now);
      if (fingers.size === 2) {
        const [one, two] = [...fingers.values()];
        const wide = Math.hypot(one.x - two.x, one.y - two.y);
        if (spread) this.zoom(wide / spread, { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 });
        spread = wide;
        return;
      }
      this.view.x += now.x - before.x; this.view.y += now.y - before.y;
      this.fitted = null;
      this.draw();
    });
    const end = (event) => { fingers.delete(event.pointerId); spread = 0; this.element.classList.remove("moving"); if (moved) this.settle(); };
    this.element.addEventListener("pointerup", end);
    this.element.addEventListener("pointercancel", end);
    this.element.addEventListener("click", (event) => {
      if (moved) { event.stopPropagation(); event.preventDefault(); moved = false; return; }
      // From afar boxes are only painted: a click finds the one below it.
      if (event.target !== this.canvas && event.target !== this.element && event.target !== this.world) return;
      const { x, y } = point(event), { k } = this.view;
      const wx = (x - this.view.x) / k, wy = (y - this.view.y) / k;
      const box = this.boxes.find((each) => wx >= each.x && wx <= each.x + each.width && wy >= each.y && wy <= each.y + each.height);
      if (box) { if (box.group) this.handlers.expandLayer(box.group); else this.handlers.choose(box.id); }
    }, true);
    this.map.addEventListener("pointerdown", (event) => {
      const area = this.map.getBoundingClientRect();
      const go = (each) => {
        const wx = (each.clientX - area.left - this.mapping.x) / this.mapping.scale, wy = (each.clientY - area.top - this.mapping.y) / this.mapping.scale;
        this.fitted = null;
        this.view.x = this.element.clientWidth / 2 - wx * this.view.k; this.view.y = this.element.clientHeight / 2 - wy * this.view.k;
        this.draw();
      };
      go(event);
      this.map.setPointerCapture(event.pointerId);
      this.map.onpointermove = go;
      this.map.onpointerup = () => { this.map.onpointermove = null; this.settle(); };
    });
  }
}
