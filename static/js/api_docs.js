// What Swagger's page lacks for those who do not see it: a name for its choices, and keys that reach its long examples.
(() => {
  const mend = () => {
    document.querySelectorAll("#swagger-ui tr[data-param-name] select:not([aria-label])").forEach((choice) => choice.setAttribute("aria-label", choice.closest("tr").dataset.paramName));
    document.querySelectorAll("#swagger-ui .microlight:not([tabindex])").forEach((example) => example.setAttribute("tabindex", "0"));
  };
  new MutationObserver(mend).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
})();
