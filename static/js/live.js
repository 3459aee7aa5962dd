// One socket a page. Text frames carry sums and events, binary frames one byte a GPU (see resources/live/consumers.py).
// Numbers are pushed; rows are fetched again by htmx when an event says so.
(() => {
  const lang = document.documentElement.lang;
  const number = new Intl.NumberFormat(lang);
  const percent = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const clockZone = document.querySelector("#clock")?.dataset.zone;
  const hourMinute = new Intl.DateTimeFormat(lang, { timeZone: clockZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const dayHourMinute = new Intl.DateTimeFormat(lang, { timeZone: clockZone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  // a time of day alone is said only of the last half day
  const zoned = (text) => `${text} ${document.querySelector("#clock")?.dataset.abbr || ""}`.trim();
  const since = (at) => zoned((Date.now() - at > 43200e3 ? dayHourMinute : hourMinute).format(at));
  const hourMinuteSecond = new Intl.DateTimeFormat(lang, { timeZone: clockZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const root = document.querySelector("[data-live]");
  // every page listens: it is told when the rights change by which it was drawn
  if (!document.querySelector(".shell")) return;

  const topic = root ? root.dataset.live : "events";
  const ticketUrl = `/live/ticket/?topic=${encodeURIComponent(topic)}`;
  const snapshotUrl = `/live/snapshot/?topic=${encodeURIComponent(topic)}`;
  const state = { clusters: new Map(), kinds: {}, history: {}, paused: false, last: 0, connected: false };
  window.portalLive = state;

  // ---- state ----------------------------------------------------------------------------------------------------
  function load(boot) {
    state.kinds = boot.kinds;
    state.history = boot.history;
    const seen = new Set(boot.clusters.map((cluster) => cluster.c));
    for (const gone of [...state.clusters.keys()].filter((c) => !seen.has(c))) state.clusters.delete(gone);
    for (const cluster of boot.clusters) {
      cluster.codes = Uint8Array.from(cluster.codes || []);
      cluster.t ||= {};
      cluster.heardAt = cluster.heard_ago === null ? null : Date.now() - 1000 * cluster.heard_ago;
      state.clusters.set(cluster.c, cluster);
    }
    changed("live:state");
  }

  // a gap in the numbers, or a layout that is not ours: the whole state once more, not more often than this
  let fetched = 0;
  let planned = false;
  function refetch() {
    if (planned) return;
    planned = true;
    setTimeout(async () => {
      [planned, fetched] = [false, Date.now()];
      try {
        const answer = await fetch(snapshotUrl, { headers: { Accept: "application/json" } });
        if (answer.ok && !answer.redirected) load(await answer.json());
      } catch { /* the socket's own retry says that we are offline */ }
    }, Math.max(0, fetched + 5000 - Date.now()) + 500 * Math.random());
  }

  function tick(message) {
    const cluster = state.clusters.get(message.c);
    if (!cluster) { refetch(); return; }
    if (message.silent !== null) { if (cluster.heard && cluster.silent === null) { cluster.silent = message.silent; changed("live:tick"); } return; }
    const again = message.seq === cluster.seq && message.at === cluster.at;
    const gap = !again && cluster.seq && message.seq !== cluster.seq + 1;
    const moved = cluster.whole_seen && message.layout !== cluster.layout;
    Object.assign(cluster, { seq: message.seq, at: message.at, heard: true, t: message.t });
    if (!again) Object.assign(cluster, { silent: null, heardAt: Date.now() });
    if (message.whole) cluster.whole = message.whole;
    if (gap || moved) refetch();
    if (!again) remember(cluster);
    changed("live:tick");
  }

  // no word for three periods, for whatever reason: what is shown is old, and says so
  function noticeSilence() {
    for (const cluster of state.clusters.values()) {
      const patience = 1000 * Math.max(15, 3 * cluster.period);
      if (cluster.silent === null && cluster.heardAt && Date.now() - cluster.heardAt > patience) {
        cluster.silent = cluster.heardAt / 1000;
        changed("live:tick");
      }
    }
  }

  const groups = (cluster) => (cluster.whole ? [cluster.whole.k] : Object.values(cluster.t).map((tenant) => tenant.k));
  const anyWhole = () => [...state.clusters.values()].some((cluster) => cluster.whole);

  // sums over clusters, by kind; where whole clusters are seen, only those count. Old numbers count, unless `fresh`
  function sums(fresh = false) {
    const kinds = {};
    const whole = anyWhole();
    for (const cluster of state.clusters.values()) {
      if ((whole && !cluster.whole) || (fresh && cluster.silent !== null)) continue;
      for (const group of groups(cluster)) for (const [kind, sum] of Object.entries(group)) {
        const into = (kinds[kind] ||= { allocated: 0, busy: 0, idle: 0, load: 0, free: 0, drained: 0, down: 0, installed: 0, power_w: 0 });
        for (const field of Object.keys(into)) into[field] += sum[field] || 0;
      }
    }
    return kinds;
  }

  function remember(cluster) {
    const at = Math.floor(cluster.at / 10) * 10;
    for (const [kind, sum] of Object.entries(sums(true))) {
      const line = (state.history[kind] ||= []);
      const value = sum.allocated ? (100 * sum.load) / sum.allocated : 0;
      if (line.length && line.at(-1)[0] >= at) line.at(-1)[1] = value; else line.push([at, value]);
      while (line.length && line[0][0] < at - 900) line.shift();
    }
  }

  // ---- drawing --------------------------------------------------------------------------------------------------
  let drawing = false;
  function changed(name) {
    if (state.paused || drawing) return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; paint(); document.dispatchEvent(new CustomEvent(name)); });
  }

  const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
  const each = (selector, work) => document.querySelectorAll(selector).forEach(work);
  const fields = {
    allocated: (s) => number.format(s.allocated), busy: (s) => number.format(s.busy), idle: (s) => number.format(s.idle),
    free: (s) => number.format(s.free), off: (s) => number.format(s.drained + s.down), installed: (s) => number.format(s.installed),
    load: (s) => (s.allocated ? `${percent.format((100 * s.load) / s.allocated)} %` : "–"), power: (s) => `${number.format(Math.round(s.power_w / 1000))} kW`,
  };
  const total = (kinds) => Object.values(kinds).reduce((all, sum) => { for (const f in sum) all[f] = (all[f] || 0) + sum[f]; return all; },
    { allocated: 0, busy: 0, idle: 0, load: 0, free: 0, drained: 0, down: 0, installed: 0, power_w: 0 });

  function paintGroup(scope, sum) {
    for (const [field, text] of Object.entries(fields)) scope.querySelectorAll(`[data-field="${field}"]`).forEach((node) => put(node, text(sum)));
    scope.querySelectorAll("[data-bar]").forEach((bar) => {
      const part = bar.dataset.bar === "load" ? sum.load : sum[bar.dataset.bar];
      const whole = bar.dataset.of ? Number(bar.dataset.of) : bar.dataset.bar === "load" ? sum.allocated : sum.installed;
      bar.setAttribute("width", `${Math.min(100, whole ? (100 * part) / whole : 0).toFixed(2)}%`);
    });
  }

  function paint() {
    const kinds = sums();
    const clusters = [...state.clusters.values()];
    if (clusters.some((cluster) => cluster.at)) each("[data-total]", (node) => paintGroup(node, total(kinds)));
    const old = clusters.filter((cluster) => cluster.silent !== null).map((cluster) => `${cluster.name} (${since(cluster.silent * 1000)})`);
    each("[data-stale]", (node) => { node.hidden = !old.length; put(node.querySelector("[data-names]"), old.join(", ")); });
    each("[data-kind]", (node) => kinds[node.dataset.kind] && paintGroup(node, kinds[node.dataset.kind]));
    each("[data-cluster]", (node) => paintCluster(node, state.clusters.get(Number(node.dataset.cluster))));
    each("[data-tenant]", (node) => {
      const found = {};
      for (const cluster of state.clusters.values()) for (const [kind, sum] of Object.entries(cluster.t[node.dataset.tenant]?.k || {})) {
        const into = (found[kind] ||= {});
        for (const field in sum) into[field] = (into[field] || 0) + sum[field];
      }
      paintGroup(node, total(found));
    });
    pill();
  }

  function paintCluster(node, cluster) {
    if (!cluster) return;
    const silent = cluster.silent !== null;
    node.classList.toggle("is-silent", silent);
    node.querySelectorAll("[data-silent]").forEach((mark) => {
      mark.hidden = !silent;
      if (silent) put(mark.querySelector("[data-since]"), since(cluster.silent * 1000));
    });
    node.querySelectorAll("[data-fine]").forEach((mark) => { mark.hidden = silent; });
    if (cluster.at && !silent) paintGroup(node, total(Object.assign({}, ...groups(cluster).map((group, i) => Object.fromEntries(Object.entries(group).map(([k, v]) => [`${i}${k}`, v]))))));
  }

  // ---- the pill: live, paused, reconnecting, old ------------------------------------------------------------------
  const badge = document.querySelector("#live-pill");
  function pill() {
    if (!badge) return;
    const words = badge.dataset;
    const newest = Math.max(0, ...[...state.clusters.values()].map((cluster) => cluster.heardAt || 0));
    const age = newest ? Math.max(0, Math.round((Date.now() - newest) / 1000)) : null;
    const period = Math.max(5, ...[...state.clusters.values()].map((cluster) => cluster.period || 0));
    let [mode, text] = ["open", words.live];
    if (state.paused) [mode, text] = ["paused", words.paused];
    else if (!state.connected) [mode, text] = tries > 4 ? ["down", words.offline] : ["wait", wasOpen ? words.reconnecting : words.connecting];
    else if (state.clusters.size && (age === null || age > 2.5 * period)) [mode, text] = ["wait", age === null ? words.nothing : words.old.replace("%s", number.format(age))];
    badge.dataset.state = mode;
    put(badge.querySelector("span"), text);
  }
  // "12 s ago" beside a reading goes on counting
  const ago = new Intl.RelativeTimeFormat(lang, { style: "narrow" });
  function ages() {
    each("[data-read]", (node) => {
      const at = state.clusters.get(Number(node.dataset.read))?.heardAt;
      if (!at) return;
      const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));
      put(node.querySelector("[data-clock]"), zoned(hourMinuteSecond.format(at)));
      put(node.querySelector("[data-ago]"), seconds < 120 ? ago.format(-seconds, "second") : ago.format(-Math.round(seconds / 60), "minute"));
    });
  }
  setInterval(() => { noticeSilence(); pill(); ages(); }, 1000);
  document.querySelector("#live-pause")?.addEventListener("click", (event) => {
    state.paused = !state.paused;
    const button = event.currentTarget;
    button.setAttribute("aria-pressed", String(state.paused));
    put(button.querySelector("span"), state.paused ? button.dataset.resume : button.dataset.pause);
    if (state.paused) pill(); else changed("live:state");
  });

  // ---- the socket -------------------------------------------------------------------------------------------------
  let socket = null;
  let tries = 0;
  let leaving = false;
  let wasOpen = false;
  async function open() {
    let ticket;
    try {
      const answer = await fetch(ticketUrl, { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 403 || answer.status === 404) { ended(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      ticket = (await answer.json()).ticket;
    } catch { again(); return; }
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/?ticket=${ticket}`);
    socket.binaryType = "arraybuffer";
    let settled;
    socket.onopen = () => {
      state.connected = wasOpen = true;
      // open for a moment is not yet a connection: a refused ticket is closed right after
      settled = setTimeout(() => { if (tries && root) refetch(); tries = 0; pill(); }, 1500);
      pill();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") { codes(data); return; }
      const message = JSON.parse(data);
      if (message.type === "tick") tick(message); else happened(message);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(settled);
      state.connected = false;
      if (leaving) return;
      if (code === 4403 && root) { renew(); return; }
      if (code === 4403) outdated();
      again();
    };
  }
  // a page without live numbers stays as it is, for what is being typed, and says that it may be out of date
  function outdated() {
    if (document.querySelector("#outdated")) return;
    const words = document.querySelector("#toasts").dataset;
    const note = document.createElement("div");
    note.id = "outdated";
    note.className = "note note-warn flash";
    note.setAttribute("role", "alert");
    const text = document.createElement("div");
    text.className = "grow";
    text.textContent = words.outdated;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-s";
    button.textContent = words.reload;
    button.addEventListener("click", () => location.reload());
    note.append(text, button);
    document.querySelector("#main").prepend(note);
  }
  // rights have changed: what this page shows may no longer be ours, so it is asked for again as a whole
  function renew() {
    leaving = true;
    setTimeout(() => location.reload(), 300 + 700 * Math.random());
  }
  function codes(buffer) {
    const cluster = state.clusters.get(new DataView(buffer).getUint32(0));
    if (cluster) { cluster.codes = new Uint8Array(buffer, 4); changed("live:tick"); }
  }
  function again() {
    // jittered, so that a thousand pages do not come back in the same instant
    const wait = Math.min(20, 0.5 * 2 ** tries++) * (0.6 + Math.random() * 0.8);
    pill();
    setTimeout(open, wait * 1000);
  }
  function ended() {
    state.connected = false;
    if (wasOpen) outdated();
    leaving = true;
    if (badge) { badge.dataset.state = "down"; put(badge.querySelector("span"), badge.dataset.ended); }
    for (const cluster of state.clusters.values()) Object.assign(cluster, { whole: undefined, t: {}, codes: new Uint8Array() });
    document.dispatchEvent(new CustomEvent("live:state"));
  }
  // the bell: asked for beside the page, so that no page waits for it; whoever may not ask yet sees no number
  const bell = document.querySelector("#bell");
  async function ring() {
    try {
      const answer = await fetch(bell.dataset.count, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const { unread } = await answer.json();
      bell.hidden = !unread;
      put(bell.querySelector(".count"), unread > 99 ? "99+" : number.format(unread));
    } catch { /* the next event or page asks again */ }
  }
  if (bell) {
    ring();
    document.body.addEventListener("portal:notification-changed", ring);
  }

  // "quota.changed" becomes portal:quota-changed; every other act on a quota becomes that too, so one name suffices
  function happened({ event, facts }) {
    const [noun, verb] = event.split(".");
    for (const name of new Set([`portal:${noun}-${verb}`, `portal:${noun}-changed`])) {
      document.body.dispatchEvent(new CustomEvent(name, { detail: facts }));
    }
  }
  addEventListener("pagehide", () => { leaving = true; socket?.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; open(); } });

  const boot = document.querySelector("#live-boot");
  if (boot) load(JSON.parse(boot.textContent));
  open();
})();
