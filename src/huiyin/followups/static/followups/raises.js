// Ticks “记为问题” when an answer states a problem, and takes its own tick back with the answer.
class Raises {
  #section;
  #form;
  #tick;
  #hint;
  #ours = false;

  constructor(section) {
    this.#section = section;
    this.#form = section.closest("form");
    this.#tick = section.querySelector("[data-problem]");
    this.#hint = section.querySelector("[data-problem-hint]");
    this.#form.addEventListener("change", (event) => this.#changed(event.target));
    for (const moment of ["huiyin:restored", "huiyin:discarded"]) {
      this.#form.addEventListener(moment, () => this.#look());
    }
    this.#look();
  }

  #states() {
    const raising = this.#section.dataset.raises.split(" ").filter(Boolean);
    return raising.some((pair) => {
      const [field, choice] = pair.split("=");
      const answers = this.#form.querySelectorAll(`input[type=radio]:checked`);
      return [...answers].some((answer) => answer.name === field && answer.value === choice);
    });
  }

  #changed(control) {
    if (control === this.#tick) this.#ticked();
    else if (control.matches("input[type=radio]")) this.#look();
  }

  // What an answer states is raised in any case: its words are not to be put out of sight.
  #ticked() {
    this.#ours = !this.#tick.checked && this.#states();
    if (this.#ours) this.#tick.checked = true;
  }

  #look() {
    const states = this.#states();
    if (states && !this.#tick.checked) this.#ours = this.#tick.checked = true;
    if (!states && this.#ours) this.#ours = this.#tick.checked = false;
    this.#hint.hidden = !states;
  }
}

for (const section of document.querySelectorAll("[data-raises]")) new Raises(section);
