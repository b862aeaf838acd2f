// The address is the state: whatever is on the screen can be sent to somebody as a link.

const LISTS = ["open", "collapse", "full"];
const DEFAULTS = {
  view: "graph", node: "", column: "", up: "2", down: "1", cols: "0", rows: "0", at: "", run: "", before: "", after: "",
  from: "", to: "", mart: "", key: "", figure: "", query: "", x: "", y: "", k: "", panel: "", job: "", open: [], collapse: null, full: [],
};

export function read(search = location.search) {
  const query = new URLSearchParams(search);
  const state = structuredClone(DEFAULTS);
  for (const name of Object.keys(DEFAULTS)) {
    if (LISTS.includes(name)) {
      if (query.has(name)) state[name] = query.getAll(name).filter((each) => each !== "-");
    } else if (query.has(name)) state[name] = query.get(name);
  }
  return state;
}

export function write(state) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (LISTS.includes(name)) {
      if (value === null) continue;
      for (const each of value) query.append(name, each);
      // An empty list differs from none where none means a choice of the page's own.
      if (!value.length && DEFAULTS[name] === null) query.append(name, "-");
    } else if (value !== DEFAULTS[name]) query.set(name, value);
  }
  const text = query.toString();
  return text ? `/explorer?${text}` : "/explorer";
}

export class Store {
  constructor(changed) {
    this.state = read();
    this.changed = changed;
    addEventListener("popstate", () => {
      const before = this.state;
      this.state = read();
      this.changed(this.state, before);
    });
  }

  // A new place in the history; the place on the screen is chosen anew unless it is given.
  go(changes) {
    const before = this.state;
    this.state = { ...before, x: "", y: "", k: "", ...changes };
    history.pushState(null, "", write(this.state));
    this.changed(this.state, before);
  }

  // The same place, seen from elsewhere: no step in the history, nothing is drawn anew.
  look(changes) {
    this.state = { ...this.state, ...changes };
    history.replaceState(null, "", write(this.state));
  }

  link(changes) {
    return write({ ...this.state, x: "", y: "", k: "", ...changes });
  }
}
