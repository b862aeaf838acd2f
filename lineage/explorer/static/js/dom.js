// Small helpers for building elements. Text always goes in as text, never as markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, each] of Object.entries(value)) element.style.setProperty(key, each);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
  return element;
}

export const $ = (id) => document.getElementById(id);

const LAYERS = ["postgres", "mysql", "mongodb", "cassandra", "files", "kafka", "raw", "ods", "bronze", "staging", "intermediate", "build", "marts"];
const SHADES = { mysql: "postgres", mongodb: "postgres", cassandra: "postgres", files: "postgres", intermediate: "build" };
export const layerColour = (layer) => `var(--${SHADES[layer] ?? (LAYERS.includes(layer) ? layer : "other")})`;
export const layerRank = (layer) => (LAYERS.includes(layer) ? LAYERS.indexOf(layer) : LAYERS.length);

export function time(value) {
  if (!value) return "";
  return new Date(value).toISOString().replace("T", " ").slice(0, 19) + " UTC";
}

export function ago(value) {
  if (!value) return "never";
  const seconds = (Date.now() - new Date(value)) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (seconds >= size) {
      const count = Math.floor(seconds / size);
      return `${count.toLocaleString("en")} ${unit}${count > 1 ? "s" : ""} ago`;
    }
  }
  return "just now";
}

export function duration(from, to) {
  if (!from || !to) return "";
  const ms = new Date(to) - new Date(from);
  return ms < 1000 ? `${ms} ms` : ms < 120000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60000).toFixed(1)} min`;
}

export const count = (value) => (value === null || value === undefined ? "" : Number(value).toLocaleString("en"));
export const say = (text) => { $("say").textContent = text; };
export const personal = (kind) => kind === "personal" || kind === "sensitive";
export const pii = (kind) => (personal(kind) ? h("span", { class: "pii", title: `${kind} data` }, kind === "sensitive" ? "SENS" : "PII") : null);
