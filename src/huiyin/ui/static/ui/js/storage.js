// The browser's own database: `drafts`, and `waiting` for submissions without a network.
const NAME = "huiyin";
const STORES = ["drafts", "waiting"];

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const store of STORES) asked.result.createObjectStore(store, { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

// Resolves when the disk has it, not when the browser has heard of it.
async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const get = (store, id) => run(store, "readonly", (rows) => rows.get(id));
export const all = (store) => run(store, "readonly", (rows) => rows.getAll());
export const put = (store, row) => run(store, "readwrite", (rows) => rows.put(row));
export const remove = (store, id) => run(store, "readwrite", (rows) => rows.delete(id));
