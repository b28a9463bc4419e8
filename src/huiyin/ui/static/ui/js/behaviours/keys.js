// The page under the keyboard: j and k walk the rows, Enter opens, / searches, ? explains.
import { submit } from "../submit.js";
import { isTyping } from "../typing.js";

const rows = () =>
  [...document.querySelectorAll("[data-row] [data-open], [data-row][data-open]")].filter(
    (link) => link.offsetParent !== null,
  );

function current(links) {
  const row = document.activeElement?.closest("[data-row]");
  return row ? links.findIndex((link) => row.contains(link)) : -1;
}

function step(by) {
  const links = rows();
  if (!links.length) return;
  const at = current(links);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: "nearest" });
}

const actions = {
  j: () => step(1),
  k: () => step(-1),
  c: () => document.activeElement?.closest("[data-row]")?.querySelector(".copy")?.click(),
  x: () => document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]")?.click(),
  a: () => document.querySelector("[data-all]")?.click(),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => document.getElementById("keys-dialog")?.showModal(),
};
// Arrows belong to scrolling until a row has the focus.
const arrows = { ArrowDown: () => step(1), ArrowUp: () => step(-1) };

export default function keys(body) {
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      const form = event.target.closest("form");
      if (form) submit(form);
      return;
    }
    if (event.key === "Escape" && !event.isComposing) {
      const menu = event.target.closest("details.menu[open]");
      if (menu) menu.open = false;
      menu?.querySelector("summary").focus();
    }
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const inRow = document.activeElement?.matches("[data-open]");
    const action = actions[event.key] ?? (inRow ? arrows[event.key] : undefined);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
