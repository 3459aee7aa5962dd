// Runs before the first paint, from a file, so that no inline script is needed.
(() => {
  let saved = null;
  try { saved = localStorage.getItem("theme"); } catch { /* storage may be forbidden */ }
  document.documentElement.dataset.theme = saved || "auto";
})();
