// Ticks all rows of a page at once and says how many are ticked.
export default function tickAll(list) {
  const all = list.querySelector("[data-all]");
  const count = list.querySelector("[data-ticked]");
  const boxes = [...list.querySelectorAll("[data-row] input[type=checkbox]")];

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    count.value = ticked;
  };

  list.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const element of [all, count]) element.closest("[hidden]").hidden = false;
  tell();
}
