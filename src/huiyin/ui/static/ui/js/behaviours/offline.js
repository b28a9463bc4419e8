// A form that is finished without a network: it waits on this device and is sent when there is one.
import * as drafts from "../drafts.js";
import { now, words } from "../moments.js";
import { tell } from "../refused.js";
import { keyOf, read, write } from "../snapshot.js";
import { soon } from "../sync.js";
import * as waiting from "../waiting.js";

const PATIENCE = 90_000;
const UNREACHED = [502, 503, 504];

export default class Offline {
  #form;
  #row = null;
  #pressedAt = "";
  #looked = Promise.resolve();

  constructor(form) {
    this.#form = form;
    form.addEventListener("submit", () => (this.#pressedAt = now()), { capture: true });
    form.addEventListener("htmx:beforeSend", (event) => (event.detail.xhr.timeout = PATIENCE));
    for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
      form.addEventListener(name, (event) => this.#failed(event));
    }
    form.querySelector("[data-draft-back]")?.addEventListener("click", () => this.#takeBack());
    document.addEventListener("huiyin:sent", ({ detail }) => {
      if (detail.row.id === this.#row?.id) window.location.assign(detail.url);
    });
    document.addEventListener("huiyin:waiting", () => this.#look());
    for (const name of ["online", "offline"]) window.addEventListener(name, () => this.#tell());
    this.#tell();
    this.bound = this.#look();
  }

  #tell() {
    this.#form.querySelector("[data-draft-offline]").hidden = navigator.onLine;
  }

  #failed(event) {
    const { status } = event.detail.xhr;
    if (event.target !== this.#form || (status && !UNREACHED.includes(status))) return;
    event.stopPropagation();
    this.#queue().catch(() => document.dispatchEvent(new CustomEvent("huiyin:failed")));
  }

  async #queue() {
    const form = this.#form;
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && value !== "" && value.size !== 0);
    const written = fields.some(([name]) => name === "happened_at");
    if (!written) fields.push(["happened_at", this.#pressedAt], ["waited", "yes"]);
    await waiting.add({
      key: keyOf(form),
      url: form.getAttribute("hx-post"),
      title: document.querySelector("h1").textContent.trim(),
      draftKey: form.dataset.draftKey,
      draft: read(form),
      happenedAt: written ? "" : this.#pressedAt,
      fields,
    });
    form.setAttribute("data-queued", "");
    await drafts.remove(form.dataset.draftKey);
    await this.#look();
    form.querySelector("[data-draft-queued]").focus();
    soon();
  }

  // The form follows what has become of its submission: it waits, or was refused and comes back.
  #look() {
    return (this.#looked = this.#looked.then(() => this.#follow()));
  }

  async #follow() {
    const row = await waiting.about(this.#form.dataset.draftKey);
    if (row?.state === "refused") return this.#mend(row);
    this.#row = row ?? null;
    this.#form.toggleAttribute("data-queued", Boolean(row));
    this.#form.querySelector("[data-draft-queued]").hidden = !row;
    if (row) this.#form.querySelector("[data-draft-queued-time]").textContent = words(row.queuedAt);
  }

  async #mend(row) {
    this.#row = null;
    if (!(await waiting.takeBack(row))) return;
    this.#show(row);
    tell(row);
  }

  async #takeBack() {
    const row = this.#row;
    this.#row = null;
    if (!row || !(await waiting.takeBack(row))) return;
    this.#show(row);
    document.getElementById("content").focus();
  }

  #show(row) {
    this.#form.removeAttribute("data-queued");
    this.#form.querySelector("[data-draft-queued]").hidden = true;
    write(this.#form, { ...row.draft, happenedAt: row.happenedAt });
  }
}
