// Photos are made small before they travel, and shown so that a bad one can be taken again.
const LONGEST = 1600;
const QUALITY = 0.82;

// Decoding the file itself needs no blob: address, so the strict CSP stays strict; browsers
// turn the picture upright by its own note of how the phone was held.
async function drawn(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return { canvas, file };
}

async function shrink(original) {
  const { canvas, file } = await drawn(original);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
  return { canvas, file: new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified }) };
}

export default class Photo {
  #input;
  #list;
  #template;
  #failed;
  #photos = [];

  constructor(element) {
    this.#input = element.querySelector("input[type=file]");
    this.#list = element.querySelector("[data-photo-list]");
    this.#template = element.querySelector("[data-photo-item]");
    this.#failed = element.querySelector("[data-photo-failed]");
    this.#input.addEventListener("change", () => this.#take([...this.#input.files]));
    this.#input.form?.addEventListener("huiyin:restored", () => this.#restored());
    this.#input.form?.addEventListener("huiyin:discarded", () => {
      this.#photos = [];
      this.#show();
    });
    this.#restored();
  }

  // From a draft: made small once already, and complete.
  async #restored() {
    if (!this.#input.hasAttribute("data-restored")) return;
    this.#input.removeAttribute("data-restored");
    const files = [...this.#input.files];
    this.#photos = [];
    await this.#take(files, drawn);
  }

  async #take(files, prepare = shrink) {
    const taken = await Promise.allSettled(files.map(prepare));
    const good = taken.filter((one) => one.status === "fulfilled").map((one) => one.value);
    this.#failed.hidden = good.length === taken.length;
    this.#photos = this.#input.multiple ? [...this.#photos, ...good] : good.slice(-1);
    this.#show();
  }

  #show() {
    const transfer = new DataTransfer();
    for (const photo of this.#photos) transfer.items.add(photo.file);
    this.#input.files = transfer.files;
    this.#list.replaceChildren(...this.#photos.map((photo) => this.#item(photo)));
    // Only now is there what a draft has to keep.
    this.#list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #item(photo) {
    const item = this.#template.content.firstElementChild.cloneNode(true);
    const preview = item.querySelector("canvas");
    preview.width = photo.canvas.width;
    preview.height = photo.canvas.height;
    preview.getContext("2d").drawImage(photo.canvas, 0, 0);
    item.querySelector("button").addEventListener("click", () => {
      this.#photos = this.#photos.filter((other) => other !== photo);
      this.#show();
      this.#input.focus();
    });
    return item;
  }
}
