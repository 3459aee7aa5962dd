// Documents of a question: sent at once through the API, with progress, cancel and retry. What the line drops is sent
// again; the portal refuses the same file twice, so nothing is doubled when only its answer was lost.
(() => {
  const form = document.querySelector("form[data-keep]");
  const FIRST = 2000, LONGEST = 30000;

  const button = (label, act, name) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-s btn-quiet";
    made.textContent = label;
    const whose = document.createElement("span");
    whose.className = "vh";
    whose.textContent = ` ${name}`;
    made.append(whose);
    made.addEventListener("click", act);
    return made;
  };

  function begin(box, file) {
    const row = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const said = document.createElement("div");
    said.className = "sub";
    said.setAttribute("role", "status");
    const text = document.createElement("div");
    text.className = "grow";
    text.append(name, bar, said);
    const acts = document.createElement("span");
    acts.className = "row gap";
    row.append(text, acts);
    box.querySelector(".sending").append(row);
    const job = { box, file, row, bar, said, acts, request: null, timer: 0, pause: FIRST };
    send(job);
  }

  function send(job) {
    clearTimeout(job.timer);
    const request = new XMLHttpRequest();
    job.request = request;
    job.bar.hidden = false;
    job.said.textContent = "";
    job.acts.replaceChildren(button(job.box.dataset.cancel, () => drop(job), job.file.name));
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      job.bar.value = (100 * event.loaded) / event.total;
      job.said.textContent = event.loaded < event.total ? `${Math.floor(job.bar.value)} %` : job.box.dataset.sent;
    });
    request.addEventListener("load", () => answered(job, request));
    request.addEventListener("error", () => later(job));
    request.addEventListener("timeout", () => later(job));
    const data = new FormData();
    data.append("question", job.box.dataset.question);
    data.append("file", job.file);
    request.open("POST", job.box.dataset.upload);
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  }

  function answered(job, request) {
    let reply = {};
    try { reply = JSON.parse(request.responseText); } catch { /* a proxy's page, or none */ }
    if (request.status === 201 || reply.code === "tenants.document_there") return done(job);
    if (request.status >= 500 || request.status === 429 || request.status === 0) return later(job);
    if (request.status === 401 || request.status === 403) return signedOut(job);
    stop(job, Object.values(reply.fields || {}).flat()[0] || reply.detail || request.statusText);
  }

  function done(job) {
    job.row.remove();
    document.getElementById("say").textContent = `${job.file.name}: ${job.box.dataset.done}`;
    htmx.trigger(job.box.querySelector("[data-files]"), "portal:uploaded");
  }

  // the portal or the line is away: nothing is asked of anybody
  function later(job) {
    job.bar.hidden = true;
    job.said.textContent = job.box.dataset.away;
    job.timer = setTimeout(() => send(job), job.pause);
    job.pause = Math.min(2 * job.pause, LONGEST);
  }

  // signed out, or signed in again since: it goes on with the page's new token
  function signedOut(job) {
    window.dispatchEvent(new Event("portal:renew"));
    later(job);
    job.said.textContent = job.box.dataset.out;
  }

  // the portal has said no, or does not know who this is: it is for the person to decide
  function stop(job, sentence) {
    job.bar.hidden = true;
    job.said.textContent = sentence;
    job.acts.replaceChildren(
      button(job.box.dataset.again, () => send(job), job.file.name),
      button(job.box.dataset.drop, () => drop(job), job.file.name),
    );
  }

  function drop(job) {
    clearTimeout(job.timer);
    job.request.abort();
    job.row.remove();
    job.box.querySelector("input[type=file]").focus();
    htmx.trigger(job.box.querySelector("[data-files]"), "portal:uploaded"); // it may have arrived all the same
  }

  const jobs = () => document.querySelectorAll(".sending > li").length;

  function chosen(input) {
    const box = input.closest(".uploads");
    if (!box || input.type !== "file" || !input.files.length) return;
    if (!box.querySelector(".sending")) {
      const list = document.createElement("ul");
      list.className = "list sending";
      box.querySelector("[data-files]").after(list);
    }
    [...input.files].forEach((file) => begin(box, file));
    input.value = ""; // the form itself does not send them a second time
  }

  form.addEventListener("change", (event) => chosen(event.target));
  addEventListener("beforeunload", (event) => { if (jobs()) event.preventDefault(); });
  form.querySelectorAll(".uploads input[type=file]").forEach(chosen); // while this script was still on its way
})();
