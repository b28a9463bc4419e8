// A revealed number covers itself again, because phones and screens are left lying open.
import { give, hold } from "../place.js";

export default function phone(element) {
  const masked = element.querySelector("template");
  const cover = () => {
    if (!element.isConnected) return;
    const again = masked.content.firstElementChild.cloneNode(true);
    hold(element);
    element.replaceWith(again);
    window.htmx?.process(again);
    give(again);
  };

  setTimeout(cover, Number(element.dataset.hideAfter) * 1000);
  window.addEventListener("pagehide", cover, { once: true });
}
