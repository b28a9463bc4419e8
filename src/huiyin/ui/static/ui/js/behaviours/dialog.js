// Opens the dialog named by data-dialog; without scripts a link opener goes to its own page.
const FIRST = ".dialog__body :is(input:not([type=hidden]), textarea, select, button)";

export default function dialogOpener(opener) {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog) return;

  opener.setAttribute("aria-haspopup", "dialog");
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector(FIRST)?.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}
