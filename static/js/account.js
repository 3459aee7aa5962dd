// Pages of one's own account: a passkey that failed, printing, and what was typed before the second factor.
(() => {
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const note = document.getElementById("passkey-trouble");
    if (note) note.hidden = false;
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
  document.querySelector("form[data-send-now]")?.requestSubmit();
})();
