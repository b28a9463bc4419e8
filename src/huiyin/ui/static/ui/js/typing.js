// True while a key belongs to the text being written, composition by an input method included.
export function isTyping(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  return Boolean(field) && !["checkbox", "radio", "button", "submit"].includes(field.type);
}
