// What stands in a form, photos and strokes of a signature included; read, and written back.
import { local } from "./moments.js";

const SKIPPED = "[type=file], [type=password], [type=hidden]:not([data-draft-name]), [data-draft-skip]";

const named = (control) => control.name || control.dataset.draftName;
const isTick = (control) => control.matches("[type=radio], [type=checkbox]");
const controls = (form) => [...form.elements].filter((each) => named(each) && !each.matches(SKIPPED));
const cameras = (form) => [...form.querySelectorAll("input[type=file]")];

// Every form carries the key of its submission; of several the server reads the last.
const keys = (form) => [...form.querySelectorAll("input[name=key]")];
export const keyOf = (form) => keys(form).at(-1)?.value;
export const setKey = (form, key) => keys(form).forEach((control) => (control.value = key));

export function read(form) {
  const entries = controls(form)
    .filter((control) => !isTick(control) || control.checked)
    .map((control) => [named(control), control.value])
    .filter(([, value]) => value !== "");
  const photos = cameras(form)
    .filter((input) => input.files.length)
    .map((input) => [input.name, [...input.files]]);
  return { entries, photos, key: keyOf(form) };
}

// With the key: what was sent before, unknown to this page, is not done a second time.
export function write(form, { entries, photos = [], key = "", happenedAt = "" }) {
  if (key) setKey(form, key);
  const ticked = new Set(entries.map((entry) => entry.join("\n")));
  const known = new Map(entries);
  for (const control of controls(form)) {
    const name = named(control);
    if (isTick(control)) control.checked = ticked.has(`${name}\n${control.value}`);
    else if (known.has(name)) fill(control, known.get(name));
  }
  const pictures = new Map(photos);
  for (const input of cameras(form)) show(input, pictures.get(input.name) ?? []);
  if (happenedAt) state(form, happenedAt);
  form.dispatchEvent(new CustomEvent("huiyin:restored"));
}

function fill(control, value) {
  if (control.value === value) return;
  control.value = value;
  const folded = control.closest("details");
  if (folded) folded.open = true;
}

function show(input, files) {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  // They were made small when they were taken.
  input.toggleAttribute("data-restored", files.length > 0);
}

// What was done before the network came back happened then, also when it is sent anew tomorrow.
function state(form, happenedAt) {
  const control = form.elements.namedItem("happened_at");
  if (control?.type === "datetime-local") {
    if (!control.value) fill(control, local(happenedAt));
    return;
  }
  const hidden = control ?? form.appendChild(document.createElement("input"));
  Object.assign(hidden, { type: "hidden", name: "happened_at", value: happenedAt });
}
