import { give, hold } from "./place.js";

// Binds behaviours to elements that ask for them, on the page and in every htmx answer.
const behaviours = {
  autosubmit: () => import("./behaviours/autosubmit.js"),
  copy: () => import("./behaviours/copy.js"),
  dialog: () => import("./behaviours/dialog.js"),
  draft: () => import("./behaviours/draft.js"),
  "draft-done": () => import("./behaviours/draft-done.js"),
  errors: () => import("./behaviours/errors.js"),
  focus: () => import("./behaviours/focus.js"),
  keys: () => import("./behaviours/keys.js"),
  leave: () => import("./behaviours/leave.js"),
  offline: () => import("./behaviours/offline.js"),
  passkey: () => import("./behaviours/passkey.js"),
  phone: () => import("./behaviours/phone.js"),
  photo: () => import("./behaviours/photo.js"),
  signature: () => import("./behaviours/signature.js"),
  "tick-all": () => import("./behaviours/tick-all.js"),
  waiting: () => import("./behaviours/waiting.js"),
};

const bound = new WeakMap();

// An element says `data-bound` once all it asks for runs; until then keys and taps pass it by.
async function bind(element) {
  const running = bound.get(element) ?? new Map();
  bound.set(element, running);
  for (const name of element.dataset.behaviour.split(/\s+/)) {
    if (!running.has(name)) running.set(name, start(element, name));
  }
  await Promise.all(running.values());
  element.dataset.bound = "";
}

async function start(element, name) {
  const { default: Behaviour } = await behaviours[name]();
  // What a behaviour has to look up before it runs, it promises.
  await new Behaviour(element).bound;
}

function bindAll(root) {
  const inside = [...root.querySelectorAll("[data-behaviour]")];
  for (const element of root.matches?.("[data-behaviour]") ? [root, ...inside] : inside) bind(element);
}

function say(templateId) {
  const template = document.getElementById(templateId);
  document.getElementById("alerts")?.replaceChildren(template.content.cloneNode(true));
}

bindAll(document);
document.addEventListener("htmx:load", (event) => {
  bindAll(event.detail.elt);
  give(event.detail.elt);
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});
// An expired sign-in answers a piece with a whole other page: go there instead of nesting it.
document.addEventListener("htmx:beforeSwap", (event) => {
  hold(event.detail.target);
  const { xhr, pathInfo } = event.detail;
  const elsewhere = xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, document.baseURI).pathname;
  if (xhr.status !== 200 || !elsewhere || !/<!doctype/i.test(xhr.responseText.slice(0, 500))) return;
  event.detail.shouldSwap = false;
  window.location.assign(xhr.responseURL);
});
// A page that comes back as it was left, its form sent, would wait for ever: what became of it is asked.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form button:disabled")) window.location.reload();
});
document.addEventListener("htmx:sendError", () => say("failed-message"));
document.addEventListener("htmx:timeout", () => say("failed-message"));
document.addEventListener("htmx:responseError", () => say("failed-message"));
document.addEventListener("huiyin:failed", () => say("failed-message"));
