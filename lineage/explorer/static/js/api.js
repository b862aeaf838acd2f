// Questions to the service. An answer that another question has overtaken is dropped.

import { signIn } from "./session.js";

const pending = new Map();

export class Refused extends Error {
  constructor(answer, status) {
    super(answer.what ?? `The service answered ${status}.`);
    this.why = answer.why ?? "";
    this.remedy = answer.remedy ?? "";
    this.status = status;
  }
}

export async function ask(path, parameters = {}, topic = null) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== "" && each !== null && each !== undefined) query.append(name, each);
    }
  }
  const controller = new AbortController();
  if (topic) {
    pending.get(topic)?.abort();
    pending.set(topic, controller);
  }
  const send = () => fetch(`/api/v1/${path}?${query}`, { signal: controller.signal });
  let answer = await send();
  while (answer.status === 401) {
    await signIn();
    answer = await send();
  }
  const data = await answer.json().catch((error) => {
    // An answer that a later question overtook, its body half read, is no empty answer.
    if (error.name === "AbortError") throw error;
    return {};
  });
  if (!answer.ok) throw new Refused(data, answer.status);
  return data;
}

export const moment = (state) => ({ at: state.at, run: state.run });
