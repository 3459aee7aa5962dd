// What Swagger's page lacks for those who do not see it: a name for its choices, and keys that reach its long examples.
(() => {
  const mend = () => {
    document.querySelectorAll("#swagger-ui select:not([aria-label])").forEach((choice) => {
      const row = choice.closest("tr[data-param-name]");
      choice.setAttribute("aria-label", row ? row.dataset.paramName : choice.closest("section, div")?.textContent.trim().slice(0, 60) || "value");
    });
    document.querySelectorAll("#swagger-ui .microlight:not([tabindex])").forEach((example) => example.setAttribute("tabindex", "0"));
  };
  new MutationObserver(mend).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
})();
