// Who is signed in, as in the warehouse. Questions that are refused for it wait until somebody is.
import { $, h } from "./dom.js";

let waiting = null;

async function send(method, body) {
  const answer = await fetch("/api/v1/session", { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error([data.what ?? `The service answered ${answer.status}.`, data.why, data.remedy].filter(Boolean).join(" "));
  return data;
}

// Resolves once somebody is signed in; asked twice at a time, it asks once.
export function signIn() {
  waiting ??= new Promise((resolve) => {
    const dialog = $("sign-in"), problem = h("p", { class: "bad", role: "alert" });
    const field = (label, attributes) => h("label", {}, label, h("input", { required: true, ...attributes }));
    const form = h("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        problem.textContent = "";
        try {
          told(await send("POST", Object.fromEntries(new FormData(form))));
        } catch (error) {
          problem.textContent = error.message;
          form.querySelector("[type=password]").select();
          return;
        }
        dialog.close();
        waiting = null;
        resolve();
      },
    }, h("h2", {}, "Sign in"), h("p", { class: "quiet" }, "With your user of the warehouse."),
      field("User", { name: "user", autocomplete: "username", autofocus: true, autocapitalize: "none", spellcheck: "false" }),
      field("Password", { name: "password", type: "password", autocomplete: "current-password" }), problem, h("button", { class: "main" }, "Sign in"));
    dialog.replaceChildren(form);
    dialog.oncancel = (event) => event.preventDefault();
    dialog.showModal();
  });
  return waiting;
}

function told({ user, roles, recorded }) {
  const title = `${roles.length ? roles.join(", ") : "the platform's own user"}${recorded ? "; what you look at is recorded" : ""}`;
  $("user").replaceChildren(h("span", { class: "quiet", title }, user), h("button", {
    type: "button", onclick: async () => { await send("DELETE"); location.assign("/explorer"); },
  }, "Sign out"));
}

export const whoAmI = () => fetch("/api/v1/session").then(async (answer) => { if (answer.ok) told(await answer.json()); });
