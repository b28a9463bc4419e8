// Keeps what was put into a form on this device until a later page says that it is saved.
import { load, remove, save } from "../drafts.js";
import { words } from "../moments.js";
import { tell } from "../refused.js";
import { keyOf, read, setKey, write } from "../snapshot.js";

const PAUSE = 400;

export default class Draft {
  #form;
  #key;
  #timer = 0;
  #fresh;

  constructor(form) {
    this.#form = form;
    this.#fresh = keyOf(form);
    this.#key = form.dataset.draftKey;
    for (const event of ["input", "change"]) {
      form.addEventListener(event, () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#save(), PAUSE);
      });
    }
    form.addEventListener("submit", () => this.#save());
    window.addEventListener("pagehide", () => this.#timer && this.#save());
    document.addEventListener("visibilitychange", () => this.#timer && this.#save());
    this.#part("discard")?.addEventListener("click", () => this.#discard());
    this.bound = this.#restore();
  }

  #part(name) {
    return this.#form.querySelector(`[data-draft-${name}]`);
  }

  async #save() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#form.hasAttribute("data-queued")) return;
    const hidden = this.#form.querySelector("input[type=hidden][name=happened_at]");
    const kept = await save(this.#key, { ...read(this.#form), happenedAt: hidden?.value });
    const state = this.#part("state");
    if (state) state.hidden = !kept;
  }

  async #restore() {
    const draft = await load(this.#key);
    if (!draft?.entries.length && !draft?.photos?.length) return;
    write(this.#form, draft);
    tell(draft);
    const time = this.#part("time");
    if (time) time.textContent = words(draft.savedAt);
    const banner = this.#part("banner");
    // An answer that lists errors shows what was just sent: nothing was found again.
    if (banner) banner.hidden = this.#form.hasAttribute("data-draft-quiet");
  }

  async #discard() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    await remove(this.#key);
    this.#form.reset();
    if (this.#fresh) setKey(this.#form, this.#fresh);
    this.#form.querySelector("input[type=hidden][name=happened_at]")?.remove();
    this.#part("banner").hidden = true;
    const state = this.#part("state");
    if (state) state.hidden = true;
    this.#form.dispatchEvent(new CustomEvent("huiyin:discarded"));
    document.getElementById("content")?.focus();
  }
}
