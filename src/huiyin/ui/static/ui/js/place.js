// Where the focus goes when the piece that has it is exchanged: to the first thing in the new one.
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary";

let leaving = false;

export function hold(piece) {
  leaving = Boolean(piece?.contains(document.activeElement)) && document.activeElement !== document.body;
}

export function give(piece) {
  if (!leaving || document.activeElement !== document.body) return;
  leaving = false;
  const first = piece.matches(FOCUSABLE) ? piece : piece.querySelector(FOCUSABLE);
  if (!first) piece.tabIndex = -1;
  (first ?? piece).focus();
}
