// Keeps what was written in a form on this device until a later page says that it is saved.
import { load, remove, removeExpired, save } from "../drafts.js";

const PAUSE = 400;
const SKIPPED = "[type=file], [type=password], [type=hidden]:not([data-draft-name]), [data-draft-skip]";

export default class Draft {
  #form;
  #key;
  #timer = 0;

  constructor(form) {
    this.#form = form;
    this.#key = form.dataset.draftKey;
    removeExpired();
    this.#restore();
    for (const event of ["input", "change"]) {
      form.addEventListener(event, () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#save(), PAUSE);
      });
    }
    form.addEventListener("submit", () => this.#save());
    window.addEventListener("pagehide", () => this.#timer && this.#save());
    this.#part("discard")?.addEventListener("click", () => this.#discard());
  }

  #part(name) {
    return this.#form.querySelector(`[data-draft-${name}]`);
  }

  #controls() {
    return [...this.#form.elements].filter(
      (control) => (control.name || control.dataset.draftName) && !control.matches(SKIPPED),
    );
  }

  #values() {
    return this.#controls()
      .filter((control) => !control.matches("[type=radio], [type=checkbox]") || control.checked)
      .map((control) => [control.name || control.dataset.draftName, control.value])
      .filter(([, value]) => value !== "");
  }

  #save() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const photos = [...this.#form.querySelectorAll("[type=file]")].some((input) => input.files.length);
    const kept = save(this.#key, { entries: this.#values(), photos });
    const state = this.#part("state");
    if (state) state.hidden = !kept;
  }

  #restore() {
    const draft = load(this.#key);
    if (!draft?.entries.length) return;
    const entries = draft.entries.map(([name, value]) => `${name}\n${value}`);
    const known = new Map(draft.entries);
    for (const control of this.#controls()) {
      const name = control.name || control.dataset.draftName;
      if (control.matches("[type=radio], [type=checkbox]")) {
        control.checked = entries.includes(`${name}\n${control.value}`);
      } else if (known.has(name)) {
        control.value = known.get(name);
      }
    }
    const banner = this.#part("banner");
    // An answer that lists errors shows what was just sent: nothing was found again.
    if (banner) banner.hidden = this.#form.hasAttribute("data-draft-quiet");
    const lost = this.#part("lost");
    if (lost) lost.hidden = !draft.photos;
    this.#form.dispatchEvent(new CustomEvent("huiyin:restored"));
  }

  #discard() {
    remove(this.#key);
    this.#form.reset();
    this.#part("banner").hidden = true;
    const state = this.#part("state");
    if (state) state.hidden = true;
    this.#form.dispatchEvent(new CustomEvent("huiyin:discarded"));
  }
}
