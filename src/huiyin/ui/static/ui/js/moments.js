// Moments in words of the firm's day, and the server's clock as far as this page knows it.
const zone = () => document.body.dataset.timeZone || undefined;

export function words(moment) {
  const shown = (form, at = new Date(moment)) =>
    at.toLocaleString(document.documentElement.lang, { ...form, timeZone: zone() });
  const date = { month: "short", day: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", hour12: false };
  return shown(date) === shown(date, new Date()) ? shown(time) : shown({ ...date, ...time });
}

// As a control for date and time wants it; Swedish writes it almost so.
export function local(moment) {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone(), dateStyle: "short", timeStyle: "short" });
  return shown.format(new Date(moment)).replace(" ", "T");
}

// A phone's clock may be wrong; how wrong, the page learned when it was loaded.
export function now() {
  const told = Date.parse(document.body.dataset.now ?? "");
  const [loaded] = performance.getEntriesByType("navigation");
  const behind = told && loaded ? told - (performance.timeOrigin + loaded.responseStart) : 0;
  return new Date(Date.now() + behind).toISOString();
}
