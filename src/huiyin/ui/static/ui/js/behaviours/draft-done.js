// The server says that the form of this key is saved: its draft has done its duty.
import { remove } from "../drafts.js";

export default function draftDone(element) {
  remove(element.dataset.draftKey);
}
