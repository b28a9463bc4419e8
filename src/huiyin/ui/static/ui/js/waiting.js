// Submissions that wait for the network: finished work, each with its key and its moment.
import * as drafts from "./drafts.js";
import * as storage from "./storage.js";

const changed = () => document.dispatchEvent(new CustomEvent("huiyin:waiting"));

export async function add(row) {
  const person = drafts.person();
  await storage.put("waiting", { ...row, id: `${person}:${row.key}`, person, queuedAt: Date.now(), state: "waiting" });
  changed();
}

export async function change(row, changes) {
  await storage.put("waiting", { ...row, ...changes });
  changed();
}

export async function remove(row) {
  await storage.remove("waiting", row.id);
  changed();
}

// In the order in which they were made: a later one may build on an earlier one.
async function every() {
  try {
    return (await storage.all("waiting")).sort((one, other) => one.queuedAt - other.queuedAt);
  } catch {
    return [];
  }
}

export const mine = async () => (await every()).filter((row) => row.person === drafts.person());
export const others = async () => (await every()).filter((row) => row.person !== drafts.person()).length;
export const about = async (draftKey) => (await mine()).find((row) => row.draftKey === draftKey);

// Back to the form: its content becomes a draft again, and it waits no more.
export async function takeBack(row) {
  if (!(await drafts.save(row.draftKey, { ...row.draft, happenedAt: row.happenedAt, lines: row.lines }))) return false;
  await remove(row);
  return true;
}
