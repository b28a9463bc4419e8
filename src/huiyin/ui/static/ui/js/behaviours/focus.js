// Brings what has to be read first (a refusal, a list of errors) into view and under the cursor.
export default function focus(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}
