// Drafts on this device: one per person and form. They end with the form, with the session of
// their person, when somebody else signs in on this device, and after two weeks.
import * as storage from "./storage.js";

const KEEP_DAYS = 14;
const DAY = 24 * 60 * 60 * 1000;

export const person = () => document.body.dataset.person ?? "";
const address = (key) => `${person()}:${key}`;

export async function save(key, content) {
  try {
    await storage.put("drafts", { id: address(key), person: person(), savedAt: Date.now(), ...content });
    return true;
  } catch {
    // Private windows and full storage refuse; the page then says nothing of a draft.
    return false;
  }
}

export async function load(key) {
  try {
    return (await storage.get("drafts", address(key))) ?? null;
  } catch {
    return null;
  }
}

export async function remove(key) {
  try {
    await storage.remove("drafts", address(key));
  } catch {
    // Nothing was kept, so nothing is to be removed.
  }
}

async function removeWhere(wanted) {
  try {
    const rows = (await storage.all("drafts")).filter(wanted);
    await Promise.all(rows.map((row) => storage.remove("drafts", row.id)));
  } catch {
    // Nothing was kept, so nothing is to be removed.
  }
}

export const removeMine = () => removeWhere((row) => row.person === person());

// A page that nobody is signed in to may be the way back in for the drafts' own person.
export const tidy = () =>
  removeWhere((row) => Date.now() - row.savedAt >= KEEP_DAYS * DAY || (person() && row.person !== person()));
