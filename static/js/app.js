// The shell: theme, clock, shortcuts, dialogs, menus, toasts, error focus. No inline handlers anywhere.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const lang = document.documentElement.lang;

  // light, dark, or as the system says
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const now = document.documentElement.dataset.theme;
    const dark = now === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : now === "dark";
    const next = dark ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private mode */ }
    document.documentElement.dataset.theme = next;
    document.dispatchEvent(new CustomEvent("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));

  // the clock runs in the person's zone
  const clock = $("#clock");
  if (clock) {
    const format = new Intl.DateTimeFormat(lang, { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    setInterval(() => { clock.textContent = format.format(new Date()); }, 1000);
  }

  // ages ("12 s ago") grow by themselves
  const spans = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [Infinity, 86400, "day"]];
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
  const ages = () => $$("time[data-age]").forEach((node) => {
    const seconds = Math.round((Date.now() - new Date(node.dateTime)) / 1000);
    const [, unit, name] = spans.find(([limit]) => Math.abs(seconds) < limit);
    node.textContent = relative.format(-Math.round(seconds / unit), name);
  });
  setInterval(ages, 5000);

  window.toast = (text) => {
    const box = document.createElement("div");
    box.className = "toast";
    box.textContent = text;
    $("#toasts").append(box);
    setTimeout(() => box.remove(), 6000);
  };

  // "/" searches, "g" and a letter goes, "?" explains
  let went = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") $$(".pop[open]").forEach((menu) => { menu.removeAttribute("open"); $("summary", menu).focus(); });
    if (event.target.closest("input, textarea, select, [contenteditable], canvas") || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "/" && $("#q")) { event.preventDefault(); $("#q").focus(); }
    if (event.key === "?") $("#keys")?.showModal();
    if (event.key === "g") { went = Date.now(); return; }
    if (Date.now() - went < 1200) { const line = $(`[data-go="${CSS.escape(event.key)}"]`); if (line) location.href = line.href; }
  });

  // a table of small fields gets one more row, empty, with names of its own for what reads it aloud
  $$("[data-rows-add]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rows-add]");
    if (!button) return;
    const rows = $$(".rows-row", button.closest("[data-rows]"));
    const fresh = rows.at(-1).cloneNode(true);
    fresh.setAttribute("aria-label", fresh.getAttribute("aria-label").replace(/\d+/, rows.length + 1));
    $$("input, select", fresh).forEach((field) => {
      const label = $(`label[for="${CSS.escape(field.id)}"]`, fresh);
      field.id = field.id.replace(/\d+$/, rows.length + 1);
      label.htmlFor = field.id;
      if (field.matches("select")) field.selectedIndex = 0; else field.value = "";
    });
    rows.at(-1).after(fresh);
    $("input, select", fresh).focus();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    const dialog = opener && document.getElementById(opener.dataset.open);
    if (dialog) { event.preventDefault(); dialog.showModal(); }
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    $$(".pop[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.removeAttribute("open"); });
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const source = document.getElementById(copier.dataset.copy);
      source.select();
      navigator.clipboard.writeText(source.value).then(() => window.toast(copier.dataset.copied));
    }
    const fill = event.target.closest("[data-fill]");
    if (fill) {
      const input = document.getElementById(fill.dataset.fill);
      const mode = fill.dataset.pick && document.getElementById(fill.dataset.pick);
      if (mode) mode.checked = true;
      input.value = fill.dataset.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    }
  });

  // a counter for long answers
  $$("textarea[maxlength]").forEach((area) => {
    const line = document.createElement("p");
    line.className = "hint right";
    const count = () => { line.textContent = `${area.value.length} / ${area.maxLength}`; };
    area.after(line);
    area.addEventListener("input", count);
    count();
  });

  // what went wrong has the focus
  $(".errsum")?.focus();

  // what a swapped list says to those who do not see it
  document.addEventListener("htmx:after:swap", () => {
    const said = $("#results[data-say]");
    if (said) $("#say").textContent = said.dataset.say;
  });

  // a form is sent once, however often its button is pressed; whoever comes back to the page may send it again
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 10000);
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // a request that never arrived
  const lost = () => window.toast($("#toasts").dataset.lost);
  ["htmx:error", "htmx:send:error", "htmx:timeout"].forEach((name) => document.addEventListener(name, lost));
})();
