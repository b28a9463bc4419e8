// What the server said when a form that had waited was sent and not accepted.
export const lines = (row) =>
  (row.lines ?? []).map((text) => Object.assign(document.createElement("li"), { textContent: text }));

// Where the form itself is open again and holds everything: above it, and read first.
export function tell(row) {
  const template = document.querySelector("[data-waiting-answer]");
  if (!template || !row.lines) return;
  const note = template.content.firstElementChild.cloneNode(true);
  note.querySelector("[data-waiting-lines]").replaceChildren(...lines(row));
  document.getElementById("alerts").replaceChildren(note);
  note.focus();
}
