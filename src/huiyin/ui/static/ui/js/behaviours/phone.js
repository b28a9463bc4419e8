// A revealed number covers itself again, because phones and screens are left lying open.
export default function phone(element) {
  const masked = element.querySelector("template");
  const cover = () => {
    if (!element.isConnected) return;
    const again = masked.content.firstElementChild.cloneNode(true);
    element.replaceWith(again);
    window.htmx?.process(again);
  };

  setTimeout(cover, Number(element.dataset.hideAfter) * 1000);
  window.addEventListener("pagehide", cover, { once: true });
}
