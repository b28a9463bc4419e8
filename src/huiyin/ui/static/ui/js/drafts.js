// Drafts on this device: one per person and form, so that a shared phone shows nobody another's.
const PREFIX = "huiyin-draft:";
const KEEP_DAYS = 14;
const DAY = 24 * 60 * 60 * 1000;

const address = (key) => `${PREFIX}${document.body.dataset.person ?? ""}:${key}`;

export function save(key, values) {
  try {
    localStorage.setItem(address(key), JSON.stringify({ savedAt: Date.now(), values }));
    return true;
  } catch {
    // Private windows and full storage refuse; the page then says nothing of a draft.
    return false;
  }
}

export function load(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(address(key)) ?? "null");
    return draft && Date.now() - draft.savedAt < KEEP_DAYS * DAY ? draft.values : null;
  } catch {
    return null;
  }
}

export function remove(key) {
  try {
    localStorage.removeItem(address(key));
  } catch {
    // Nothing was kept, so nothing is to be removed.
  }
}

export function removeExpired() {
  for (const name of Object.keys(localStorage).filter((item) => item.startsWith(PREFIX))) {
    const { savedAt = 0 } = JSON.parse(localStorage.getItem(name) ?? "{}");
    if (Date.now() - savedAt >= KEEP_DAYS * DAY) localStorage.removeItem(name);
  }
}
