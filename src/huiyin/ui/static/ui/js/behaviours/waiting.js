// 待同步: what waits on this device for the network, and what the server refused of it.
import * as drafts from "../drafts.js";
import { words } from "../moments.js";
import { lines } from "../refused.js";
import { sync } from "../sync.js";
import * as waiting from "../waiting.js";

export default class Waiting {
  #element;

  constructor(element) {
    this.#element = element;
    document.addEventListener("huiyin:waiting", () => this.#show());
    document.addEventListener("huiyin:sent", ({ detail }) => this.#sent(detail));
    drafts.tidy();
    this.bound = this.#show().then(() => void sync());
  }

  #part(name, inside = this.#element) {
    return inside.querySelector(`[data-waiting-${name}]`);
  }

  async #show() {
    const [rows, others] = [await waiting.mine(), await waiting.others()];
    const refused = rows.filter((row) => row.state === "refused").length;
    this.#element.hidden = !rows.length && !others;
    this.#part("mine").hidden = !rows.length;
    this.#part("count").textContent = rows.length;
    this.#part("refused").hidden = !refused;
    this.#part("others").hidden = !others;
    this.#part("others-count").textContent = others;
    if (refused) this.#part("mine").open = true;
    this.#part("list").replaceChildren(...rows.map((row) => this.#item(row)));
  }

  #item(row) {
    const item = this.#part("item").content.firstElementChild.cloneNode(true);
    this.#part("title", item).textContent = row.title;
    this.#part("time", item).textContent = words(row.queuedAt);
    for (const state of item.querySelectorAll("[data-when]")) state.hidden = state.dataset.when !== row.state;
    const signin = this.#part("signin", item);
    signin.href += `?next=${encodeURIComponent(window.location.pathname + window.location.search)}`;
    this.#part("lines", item).replaceChildren(...lines(row));
    this.#part("mend", item).addEventListener("click", () => this.#mend(row));
    this.#part("again", item).addEventListener("click", () => this.#again(row));
    this.#part("drop", item).addEventListener("click", () => waiting.remove(row));
    return item;
  }

  async #mend(row) {
    if (await waiting.takeBack(row)) window.location.assign(row.url);
  }

  async #again(row) {
    await waiting.change(row, { state: "waiting", lines: [] });
    sync();
  }

  #sent({ row, url }) {
    const note = this.#part("sent").content.firstElementChild.cloneNode(true);
    this.#part("title", note).textContent = row.title;
    this.#part("link", note).href = url;
    document.getElementById("messages").append(note);
  }
}
