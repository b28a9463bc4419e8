// Sends what waits, once each: the key lets the server answer a second sending with the first's.
import * as waiting from "./waiting.js";

const PATIENCE = 90_000;
const FIRST_PAUSE = 4_000;
const LONGEST_PAUSE = 5 * 60_000;
const SAID = ".message__title, .message__list li, .message__clause, .message__remedy, p.message__body";

let running = null;
let pause = FIRST_PAUSE;
let timer = 0;

export function sync() {
  running ??= alone(sendAll).finally(() => {
    running = null;
  });
  return running;
}

// One page of a browser sends at a time; where pages cannot agree on it, the keys still hold.
function alone(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("huiyin-sync", { ifAvailable: true }, (lock) => (lock ? work() : later()));
}

async function sendAll() {
  clearTimeout(timer);
  let unsent = false;
  for (const row of await waiting.mine()) {
    if (row.state === "refused") continue;
    const outcome = await send(row);
    if (outcome.state === "sent") await sent(row, outcome.url);
    else if (outcome.state !== row.state || outcome.state === "refused") await waiting.change(row, outcome);
    unsent ||= ["waiting", "failing"].includes(outcome.state);
    if (["waiting", "signin", "stale"].includes(outcome.state)) break;
  }
  if (unsent) return later();
  pause = FIRST_PAUSE;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(sync, pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

export function soon() {
  pause = FIRST_PAUSE;
  return sync();
}

async function sent(row, url) {
  await waiting.remove(row);
  document.dispatchEvent(new CustomEvent("huiyin:sent", { detail: { row, url } }));
}

async function send(row) {
  let answer;
  try {
    answer = await fetch(row.url, {
      method: "POST",
      headers: {
        "HX-Request": "true",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
        "X-Huiyin-Person": row.person,
      },
      body: body(row.fields),
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout?.(PATIENCE),
    });
  } catch {
    return { state: "waiting" };
  }
  return judged(answer);
}

function body(fields) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

async function judged(answer) {
  const url = answer.headers.get("HX-Redirect");
  if (answer.headers.has("X-Huiyin-Done")) return { state: "sent", url };
  // Not this person's session any more, or one that owes a step of signing in.
  if (answer.status === 401 || answer.type === "opaqueredirect" || url) return { state: "signin" };
  // A refusal of ours is a piece with its aim; this one says that the page's token is old.
  if (answer.status === 403 && !answer.headers.has("HX-Retarget")) return { state: "stale" };
  if (answer.status >= 500 || [408, 429].includes(answer.status)) return { state: "failing" };
  const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
  const lines = [...piece.querySelectorAll(SAID)].map((each) => each.textContent.trim());
  return { state: "refused", lines: lines.filter(Boolean) };
}

window.addEventListener("online", soon);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sync());
