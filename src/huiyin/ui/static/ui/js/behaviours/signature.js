// A signature written by hand. It travels as a picture; the strokes stay for redrawing.
import SignaturePad from "../../../vendor/signature_pad.js";

const stretched = (strokes, scale) =>
  strokes.map((stroke) => ({
    ...stroke,
    points: stroke.points.map((point) => ({ ...point, x: point.x * scale })),
  }));

export default class Signature {
  #element;
  #pad;
  #canvas;
  #width = 0;

  constructor(element) {
    this.#element = element;
    this.#canvas = this.#part("canvas");
    const ink = getComputedStyle(this.#part("pad")).color;
    this.#pad = new SignaturePad(this.#canvas, { penColor: ink, minWidth: 0.8, maxWidth: 2.6 });
    this.#pad.addEventListener("endStroke", () => this.#changed());
    this.#part("clear").addEventListener("click", () => this.#clear());
    this.#part("refused")?.addEventListener("change", () => this.#refuse());
    const form = element.closest("form");
    form?.addEventListener("huiyin:restored", () => this.#redraw());
    form?.addEventListener("huiyin:discarded", () => this.#clear());
    new ResizeObserver(() => this.#resize()).observe(this.#part("pad"));
    this.#resize();
  }

  #part(name) {
    return this.#element.querySelector(`[data-signature-${name}]`);
  }

  // A canvas forgets its content when its size changes: a turned phone must not lose a name.
  #resize() {
    const { width, height } = this.#part("pad").getBoundingClientRect();
    if (!width || width === this.#width) return;
    const strokes = stretched(this.#pad.toData(), this.#width ? width / this.#width : 1);
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    this.#canvas.getContext("2d").scale(ratio, ratio);
    this.#width = width;
    if (strokes.length) this.#pad.fromData(strokes);
    else this.#redraw();
  }

  // From the strokes of a draft, or from the picture that an answer with errors brings back.
  async #redraw() {
    const kept = this.#part("strokes").value;
    const picture = this.#part("picture");
    if (kept) {
      const { width, strokes } = JSON.parse(kept);
      this.#pad.fromData(stretched(strokes, this.#width / width));
      picture.value = this.#pad.toDataURL("image/png");
    } else if (picture.value) {
      const { width, height } = this.#part("pad").getBoundingClientRect();
      await this.#pad.fromDataURL(picture.value, { width, height });
    }
    this.#mark();
  }

  #changed() {
    const empty = this.#pad.isEmpty();
    const kept = { width: this.#width, strokes: this.#pad.toData() };
    this.#mark();
    this.#part("picture").value = empty ? "" : this.#pad.toDataURL("image/png");
    this.#part("strokes").value = empty ? "" : JSON.stringify(kept);
    this.#part("picture").dispatchEvent(new Event("change", { bubbles: true }));
  }

  #mark() {
    const empty = this.#pad.isEmpty();
    this.#part("pad").toggleAttribute("data-signed", !empty);
    this.#part("clear").hidden = empty;
  }

  #clear() {
    this.#pad.clear();
    this.#changed();
  }

  #refuse() {
    const reason = this.#part("reason");
    const refused = this.#part("refused").checked;
    reason.required = refused;
    if (!refused) return;
    if (!this.#pad.isEmpty()) this.#clear();
    reason.focus();
  }
}
