// Moments in words, and the server's clock as far as this page knows it.
export function words(moment) {
  const at = new Date(moment);
  const time = { hour: "2-digit", minute: "2-digit", hour12: false };
  const today = at.toDateString() === new Date().toDateString();
  const date = today ? {} : { month: "short", day: "numeric" };
  return at.toLocaleString(document.documentElement.lang, { ...date, ...time });
}

// A phone's clock may be wrong; how wrong, the page learned when it was loaded.
export function now() {
  const told = Date.parse(document.body.dataset.now ?? "");
  const [loaded] = performance.getEntriesByType("navigation");
  const behind = told && loaded ? told - (performance.timeOrigin + loaded.responseStart) : 0;
  return new Date(Date.now() + behind).toISOString();
}
