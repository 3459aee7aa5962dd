// Every answer is kept as it is typed, each by itself. What the server does not have yet waits in this browser and is
// sent again and again: after a lost line, a restarted server, a closed tab or a crash.
(() => {
  const form = document.querySelector("form[data-keep]");
  const kept = document.getElementById("kept");
  const spot = `answers:${form.dataset.owner}`;
  const waiting = new Map(); // key → the values as typed, and which keystroke they are from
  const touched = new Set(); // what this person wrote since the page was opened
  const wrong = new Map();
  const seen = new Map(); // since when what others wrote there is on this page
  let stroke = 0;
  let busy = false;
  let stuck = false;
  let renewed = false;
  let timer = 0;
  let pause = 1000;
  let behind = false; // the page was made before the server had everything

  const group = (key, root = document) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const inputs = (key, root = document) => [...root.querySelectorAll(`#questions [name="${CSS.escape(key)}"]`)];
  const chosen = (input) => !["checkbox", "radio"].includes(input.type) || input.checked;
  const values = (key, root) => inputs(key, root).filter(chosen).map((input) => input.value);
  const writes = (input) => input?.matches("textarea, select, input:not([type=checkbox], [type=radio])");

  // ---- what waits -------------------------------------------------------------------------------------------------
  function remember() {
    try {
      if (waiting.size) localStorage.setItem(spot, JSON.stringify([...waiting].map(([key, each]) => [key, each.values])));
      else localStorage.removeItem(spot);
    } catch { /* private mode: the server has it within a second */ }
  }

  function note(key, wait) {
    touched.add(key);
    waiting.set(key, { values: values(key), stroke: ++stroke });
    remember();
    plan(wait);
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }

  function body(key, each) {
    const data = new URLSearchParams({ key, since: seen.get(key) || form.dataset.since, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    each.values.forEach((value) => data.append("value", value));
    return data;
  }

  async function send() {
    if (busy || stuck || !waiting.size) return;
    busy = true;
    const [key, each] = waiting.entries().next().value;
    let wait = 0;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: body(key, each), headers: { Accept: "application/json" } });
      if (answer.redirected) wait = later(form.dataset.out);
      else if (answer.status === 403 && !renewed) wait = (renewed = await renew()) ? 500 : later(form.dataset.out);
      else if (answer.status >= 500 || answer.status === 429) wait = later(form.dataset.retry);
      else if (!answer.ok) refused(key, answer.status);
      else settle(key, each, await answer.json());
    } catch {
      wait = later(form.dataset.retry);
    }
    busy = false;
    if (waiting.size) plan(wait);
  }

  // Somebody who has signed in again, here or in another tab, has a new token; the old one is in this page's form.
  async function renew() {
    const old = form.elements.csrfmiddlewaretoken.value;
    await refresh(false);
    return form.elements.csrfmiddlewaretoken.value !== old;
  }

  function settle(key, each, reply) {
    if (waiting.get(key)?.stroke === each.stroke) waiting.delete(key);
    remember();
    renewed = false;
    pause = 1000;
    if (!waiting.size) say(reply.kept, "");
    wrong.set(key, reply.wrong);
    paintReleased(key);
    advise(key, reply.advice);
    if (reply.known !== null) known(key, reply.known);
    if (reply.other) tell(key, reply.other);
    if (reply.moved || (behind && !waiting.size)) { behind = false; refresh(true); }
  }

  function later(sentence) {
    say(sentence, "wait");
    pause = Math.min(2 * pause, 30000);
    return pause;
  }

  function refused(key, status) {
    if (status === 422) waiting.delete(key); // not asked any more, or longer than anything may be
    else stuck = true; // the form itself still sends everything, and says what is the matter
    remember();
    say(form.dataset.refused, "wait");
  }

  function say(sentence, state) {
    if (state && kept.dataset.state !== state) document.getElementById("say").textContent = sentence;
    kept.dataset.state = state;
    kept.querySelector("span").textContent = sentence;
  }

  // ---- what is wrong with an answer, once its writer has left the field --------------------------------------------
  // A sentence that goes or comes moves what stands below: never between press and release, or a click there is lost.
  let pressed = false;
  addEventListener("pointerdown", () => { pressed = true; }, true);
  ["pointerup", "pointercancel"].forEach((end) => addEventListener(end, () => { pressed = false; }, true));

  function paintReleased(key) {
    if (!pressed) { paint(key); return; }
    const again = () => setTimeout(() => paintReleased(key), 0);
    ["pointerup", "pointercancel"].forEach((end) => addEventListener(end, again, { once: true, capture: true }));
  }

  function paint(key) {
    const box = group(key);
    if (!box || (writes(document.activeElement) && box.contains(document.activeElement))) return;
    const sentence = wrong.get(key) || "";
    const field = box.querySelector(".field");
    const id = `id_${key}_error`;
    field.querySelector(":scope > .err")?.remove();
    field.classList.toggle("is-bad", Boolean(sentence));
    inputs(key).forEach((input) => {
      const about = (input.getAttribute("aria-describedby") || "").split(" ").filter((each) => each && each !== id);
      if (sentence) { input.setAttribute("aria-invalid", "true"); about.push(id); } else input.removeAttribute("aria-invalid");
      if (about.length) input.setAttribute("aria-describedby", about.join(" ")); else input.removeAttribute("aria-describedby");
    });
    if (!sentence) return;
    const line = document.createElement("p");
    line.className = "err";
    line.id = id;
    line.textContent = sentence;
    (field.querySelector(":scope > .hint") || field.querySelector(":scope > :is(label, legend)")).after(line);
  }

  // What the law says of the answer stands beside it, and is said once.
  function advise(key, lines) {
    const box = group(key);
    if (!box) return;
    const before = [...box.querySelectorAll(":scope > .advice")];
    if (`${before.map((each) => each.textContent.trim())}` === `${lines}`) return;
    before.forEach((each) => each.remove());
    lines.forEach((text) => {
      const line = document.createElement("p");
      line.className = "advice";
      line.setAttribute("role", "status");
      line.textContent = text;
      box.append(line);
    });
  }

  // Whether somebody else has applied for this organisation already; said where it was typed.
  function known(key, sentence) {
    document.querySelectorAll(".known").forEach((each) => each.remove());
    if (!sentence || !group(key)) return;
    const line = document.createElement("p");
    line.className = "other known";
    line.setAttribute("role", "status");
    line.textContent = sentence;
    group(key).append(line);
  }

  function tell(key, sentence) {
    const box = group(key);
    box?.querySelector(".other:not(.known)")?.remove();
    const line = document.createElement("p");
    line.className = "other";
    line.setAttribute("role", "status");
    line.textContent = sentence;
    box?.append(line);
  }

  // ---- questions that come and go, and what others write meanwhile -------------------------------------------------
  async function refresh(all) {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store" });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const [others, now] = [fresh.getElementById("others"), document.getElementById("others")];
      if (others) now.replaceChildren(...others.childNodes);
      const token = fresh.querySelector("form[data-keep] [name=csrfmiddlewaretoken]");
      if (token) form.elements.csrfmiddlewaretoken.value = token.value;
      merge(fresh, all);
    } catch { /* the next one will do */ }
  }

  function merge(fresh, all) {
    const list = document.getElementById("questions");
    const asked = [...fresh.querySelectorAll("#questions > [data-key]")];
    const keys = new Set(asked.map((each) => each.dataset.key));
    if (!all && waiting.size) return;
    const gone = (each) => !keys.has(each.dataset.key) && !waiting.has(each.dataset.key) && !each.contains(document.activeElement);
    [...list.children].filter(gone).forEach((each) => each.remove());
    let before = null;
    for (const each of asked) {
      const { key } = each.dataset;
      let mine = group(key);
      const stale = mine && !touched.has(key) && !mine.contains(document.activeElement) && `${values(key)}` !== `${values(key, fresh)}`;
      if (!mine || stale) {
        const made = document.importNode(each, true);
        if (mine) mine.replaceWith(made); else if (before) before.after(made); else list.prepend(made);
        mine = made;
        htmx.process(made); // documents follow the scanner by themselves
        seen.set(key, fresh.querySelector("form[data-keep]").dataset.since);
      }
      before = mine;
    }
  }

  // ---- begin ------------------------------------------------------------------------------------------------------
  function restore() {
    let stored = [];
    try { stored = JSON.parse(localStorage.getItem(spot) || "[]"); } catch { /* nothing that can be read */ }
    for (const [key, texts] of stored) {
      for (const input of inputs(key)) {
        if (["checkbox", "radio"].includes(input.type)) input.checked = texts.includes(input.value);
        else input.value = texts[0] || "";
      }
      touched.add(key);
      waiting.set(key, { values: texts, stroke: ++stroke });
    }
    behind = waiting.size > 0;
    if (behind) plan(0);
  }

  // What was typed or chosen while this script was still on its way. The form has autocomplete off, so the browser puts
  // nothing of its own back into it.
  function early() {
    const changed = (input) => {
      if (input.matches("[type=checkbox], [type=radio]")) return input.checked !== input.defaultChecked;
      if (input.matches("select")) return !input.multiple && input.selectedIndex !== Math.max(0, [...input.options].findIndex((each) => each.defaultSelected));
      return input.value !== "" && input.value !== input.defaultValue; // an input of dates shows nothing of what is no date
    };
    for (const box of document.querySelectorAll("#questions [data-key]")) {
      const { key } = box.dataset;
      if (!waiting.has(key) && inputs(key, box).some((input) => input.type !== "file" && changed(input))) note(key, 700);
    }
  }

  form.addEventListener("input", (event) => { if (event.target.type !== "file" && event.target.closest("[data-key]")) note(event.target.name, writes(event.target) ? 700 : 0); });
  form.addEventListener("focusout", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (waiting.has(key)) plan(0);
    setTimeout(() => { if (wrong.has(key)) paintReleased(key); }, 0);
  });
  addEventListener("pagehide", () => {
    for (const [key, each] of waiting) fetch(form.dataset.keep, { method: "POST", body: body(key, each), keepalive: true }).catch(() => {});
  });
  addEventListener("online", () => plan(0));
  addEventListener("portal:renew", () => refresh(false));
  setInterval(() => { if (document.visibilityState === "visible" && !busy) refresh(false); }, 20000);
  restore();
  early();
})();
