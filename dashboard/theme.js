// Runs before anything is painted, so that the page never shows in the other theme first.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("gqm-theme");
  } catch {
    // Storage may be forbidden; the system's theme is taken.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
