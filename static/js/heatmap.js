// One cell a GPU on a canvas: a node is a row of eight, four nodes are a block. Whole clusters come as bytes, a
// tenant's own GPUs by node. Pointer: what is under it. Keyboard: arrows, Page keys, Home, End; spoken in a live region.
(() => {
  const canvas = document.querySelector("#gpu-map");
  if (!canvas) return;
  const tip = document.querySelector("#gpu-map-tip");
  const spoken = document.querySelector("#gpu-map-spoken");
  const words = canvas.dataset;
  const [IDLE, FREE, DRAINED, DOWN, UNKNOWN] = [200, 201, 202, 203, 204];
  let boxes = [];
  let heads = [];
  let shape = "";
  let geometry = { w: 0, h: 0, cell: 8, dpr: 1 };
  let colours = {};
  let [position, hover] = [-1, -1];

  const css = (name) => {
    const probe = document.createElement("i");
    document.body.append(probe);
    probe.style.color = `var(${name})`;
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const readColours = () => {
    colours = { ramp: [0, 1, 2, 3, 4, 5, 6].map((i) => css(`--heat-${i}`)), warn: css("--warn-fill"), bad: css("--bad-fill"), edge: css("--edge"), ink: css("--ink"), ink3: css("--ink-3"), bg: css("--surface"), raised: css("--raised"), focus: css("--focus") };
  };

  // rows of a cluster: [{host, kind, from, n}] for whole clusters, or the tenant's own cells by host
  function rowsOf(cluster) {
    const rows = [];
    if (cluster.whole && cluster.hosts?.length) {
      let from = 0;
      for (const [kind, hosts] of cluster.hosts) for (const [host, n] of hosts) {
        for (let k = 0; k < n; k += 8) rows.push({ kind, host, base: k, codes: Array.from({ length: Math.min(8, n - k) }, (_, i) => from + k + i) });
        from += n;
      }
      return rows;
    }
    for (const tenant of Object.values(cluster.t || {})) for (const [host, cells] of Object.entries(tenant.g || {})) {
      const slots = [];
      for (let i = 0; i < cells.length; i += 2) slots.push([cells[i], cells[i + 1]]);
      for (let k = 0; k < slots.length; k += 8) rows.push({ host, kind: "", own: slots.slice(k, k + 8) });
    }
    return rows.sort((a, b) => a.host.localeCompare(b.host));
  }

  function layout() {
    const clusters = [...(window.portalLive?.clusters.values() || [])];
    const w = canvas.parentElement.clientWidth;
    const perLine = w < 520 ? 4 : w > 1100 ? 12 : w > 900 ? 10 : w > 620 ? 8 : 6;
    const gap = w < 520 ? 6 : 9;
    const cell = Math.max(5, Math.floor((w - gap * (perLine - 1)) / perLine / 8));
    const [blockW, blockH] = [cell * 8, cell * 4];
    const step = perLine > 1 ? (w - blockW * perLine) / (perLine - 1) : 0;
    [boxes, heads] = [[], []];
    let y = 0;
    for (const cluster of clusters) {
      const rows = rowsOf(cluster);
      if (!rows.length) continue;
      heads.push({ y, cluster, text: cluster.name, sub: cluster.place });
      y += 24;
      rows.forEach((row, r) => {
        const block = r >> 2;
        const x0 = Math.round((block % perLine) * (blockW + step));
        const y0 = y + Math.floor(block / perLine) * (blockH + gap) + (r & 3) * cell;
        const cells = row.own || row.codes;
        cells.forEach((each, k) => boxes.push({ cluster, row, x: x0 + k * cell, y: y0, index: row.own ? each[0] : (row.base || 0) + k, at: row.own ? null : each, own: row.own ? each[1] : null }));
      });
      y += Math.ceil(Math.ceil(rows.length / 4) / perLine) * (blockH + gap) + 4;
    }
    const dpr = window.devicePixelRatio || 1;
    geometry = { w, h: Math.max(y, 40), cell, dpr };
    canvas.width = Math.round(w * dpr);
    canvas.height = Math.round(geometry.h * dpr);
    canvas.style.height = `${geometry.h}px`;
    draw();
  }

  const value = (box) => (box.at === null ? box.own : box.cluster.codes[box.at] ?? UNKNOWN);

  function cellAt(g, box, v, s) {
    const { x, y } = box;
    if (v <= 100) { g.fillStyle = colours.ramp[Math.min(6, Math.floor((v / 100) * 7))]; g.fillRect(x, y, s, s); return; }
    if (v === IDLE) { g.fillStyle = colours.warn; g.fillRect(x, y, s, s); g.fillStyle = colours.bg; const d = Math.max(2, Math.floor(s / 3)); g.fillRect(x + (s - d) / 2, y + (s - d) / 2, d, d); return; }
    if (v === DRAINED) { g.fillStyle = colours.raised; g.fillRect(x, y, s, s); g.strokeStyle = colours.ink3; g.lineWidth = 1; g.beginPath(); g.moveTo(x + 1, y + s - 1); g.lineTo(x + s - 1, y + 1); g.stroke(); return; }
    if (v === DOWN) { g.fillStyle = colours.bad; g.fillRect(x, y, s, s); g.strokeStyle = colours.bg; g.lineWidth = 1.5; g.beginPath(); g.moveTo(x + 2, y + 2); g.lineTo(x + s - 2, y + s - 2); g.moveTo(x + s - 2, y + 2); g.lineTo(x + 2, y + s - 2); g.stroke(); return; }
    g.strokeStyle = colours.edge; g.lineWidth = 1; g.setLineDash(v === UNKNOWN ? [2, 2] : []); g.strokeRect(x + 0.5, y + 0.5, s - 1, s - 1); g.setLineDash([]);
  }

  function draw() {
    const g = canvas.getContext("2d", { alpha: false });
    const { cell, dpr, w, h } = geometry;
    const s = cell - 1;
    g.setTransform(dpr, 0, 0, dpr, 0, 0);
    g.fillStyle = colours.bg;
    g.fillRect(0, 0, w, h);
    g.textBaseline = "top";
    for (const head of heads) {
      const silent = head.cluster.silent !== null;
      g.font = "600 13px Inter, sans-serif"; g.fillStyle = colours.ink; g.fillText(head.text, 0, head.y + 3);
      const x = g.measureText(head.text).width + 8;
      g.font = "400 12px Inter, sans-serif"; g.fillStyle = colours.ink3;
      g.fillText(silent ? `${head.sub} · ${words.silent}` : head.sub, x, head.y + 4);
    }
    for (const box of boxes) {
      g.globalAlpha = box.cluster.silent !== null ? 0.35 : 1;
      cellAt(g, box, value(box), s);
    }
    g.globalAlpha = 1;
    const at = position >= 0 ? position : hover;
    if (at >= 0 && boxes[at]) { const box = boxes[at]; g.strokeStyle = colours.focus; g.lineWidth = 2; g.strokeRect(box.x - 1.5, box.y - 1.5, s + 3, s + 3); }
  }

  const said = (v) => (v <= 100 ? `${v} % ${words.busy}` : { [IDLE]: words.idle, [FREE]: words.free, [DRAINED]: words.drained, [DOWN]: words.down }[v] || words.unknown);
  const named = (box) => `${box.cluster.name}, ${box.row.host}, GPU ${box.index}`;
  function show(box) {
    tip.hidden = false;
    const title = document.createElement("b");
    title.textContent = said(value(box));
    tip.replaceChildren(title, named(box));
    tip.style.left = `${Math.max(0, Math.min(box.x + 14, geometry.w - tip.offsetWidth - 4))}px`;
    tip.style.top = `${box.y > 60 ? box.y - tip.offsetHeight - 8 : box.y + geometry.cell + 8}px`;
  }
  canvas.addEventListener("pointermove", (event) => {
    const area = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - area.left, event.clientY - area.top];
    hover = boxes.findIndex((box) => x >= box.x && x < box.x + geometry.cell && y >= box.y && y < box.y + geometry.cell);
    if (hover < 0) tip.hidden = true; else { position = -1; show(boxes[hover]); }
    draw();
  });
  canvas.addEventListener("pointerleave", () => { hover = -1; if (position < 0) tip.hidden = true; draw(); });
  canvas.addEventListener("blur", () => { position = -1; tip.hidden = true; draw(); });
  canvas.addEventListener("keydown", (event) => {
    const jump = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const rows = { ArrowDown: 1, ArrowUp: -1, PageDown: 4, PageUp: -4 }[event.key];
    if (!boxes.length) return;
    if (event.key === "Home") position = 0;
    else if (event.key === "End") position = boxes.length - 1;
    else if (event.key === "Escape") { position = -1; tip.hidden = true; draw(); return; }
    else if (jump) position = Math.max(0, Math.min(boxes.length - 1, position < 0 ? 0 : position + jump));
    else if (rows) position = position < 0 ? 0 : rowAway(position, rows);
    else return;
    event.preventDefault();
    show(boxes[position]);
    spoken.textContent = `${named(boxes[position])}: ${said(value(boxes[position]))}`;
    draw();
  });

  // the same place in a node further down or up, or the last place there
  function rowAway(from, steps) {
    let at = from;
    const start = (i) => { while (i > 0 && boxes[i - 1].row === boxes[i].row) i--; return i; };
    const column = from - start(from);
    for (let n = Math.abs(steps); n > 0; n--) {
      const first = start(at);
      if (steps < 0) { if (first === 0) break; at = start(first - 1); continue; }
      let next = first;
      while (next < boxes.length && boxes[next].row === boxes[first].row) next++;
      if (next === boxes.length) break;
      at = next;
    }
    at = start(at);
    for (let n = 0; n < column && boxes[at + 1]?.row === boxes[at].row; n++) at++;
    return at;
  }

  // the nodes that want looking at, in words: most idle or failed GPUs first
  function table() {
    const body = document.querySelector("#gpu-map-nodes[open] tbody");
    if (!body) return;
    const nodes = new Map();
    for (const box of boxes) {
      const name = `${box.cluster.name}|${box.row.host}`;
      const node = nodes.get(name) || { box, n: 0, load: 0, busy: 0, idle: 0, free: 0, drained: 0, down: 0 };
      const v = value(box);
      node.n++;
      if (v <= 100) { node.busy++; node.load += v; }
      if (v === IDLE) node.idle++;
      if (v === FREE) node.free++;
      if (v === DRAINED) node.drained++;
      if (v === DOWN) node.down++;
      nodes.set(name, node);
    }
    const worst = [...nodes.values()].sort((a, b) => b.down - a.down || b.idle - a.idle || b.drained - a.drained || b.busy - a.busy).slice(0, 20);
    body.replaceChildren(...worst.map((node) => {
      const row = document.createElement("tr");
      const held = node.busy + node.idle;
      const texts = [node.box.cluster.name, node.box.row.host, node.n, held ? `${Math.round(node.load / held)} %` : "–", node.idle, node.free, node.drained, node.down];
      texts.forEach((text, i) => { const cell = document.createElement("td"); if (i > 1) cell.className = "num"; cell.textContent = text; row.append(cell); });
      return row;
    }));
  }
  document.querySelector("#gpu-map-nodes")?.addEventListener("toggle", table);

  // a change of what there is makes a new layout; a change of load only paints
  function update() {
    const now = [...(window.portalLive?.clusters.values() || [])].map((cluster) => cluster.whole ? cluster.layout : JSON.stringify(Object.values(cluster.t).map((tenant) => Object.entries(tenant.g || {}).map(([host, cells]) => [host, cells.length])))).join("|");
    const own = boxes.length && boxes[0].at === null;
    if (now !== shape || own) { shape = now; layout(); } else draw();
    const box = boxes[position >= 0 ? position : hover];
    if (!tip.hidden && box) tip.firstChild.textContent = said(value(box));
    const none = document.querySelector("#gpu-map-none");
    if (none) none.hidden = boxes.length > 0;
    table();
  }
  document.addEventListener("live:tick", update);
  document.addEventListener("live:state", update);
  document.addEventListener("themechange", () => { readColours(); draw(); });
  readColours();
  layout();
  new ResizeObserver(layout).observe(canvas.parentElement);
  document.fonts?.ready.then(draw);
})();
