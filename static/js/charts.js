// uPlot with the portal's tokens; colours are read again when the theme changes. Every chart has its table beside it.
(() => {
  const lang = document.documentElement.lang;
  const zone = document.querySelector("#clock")?.dataset.zone;
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const colour = (name) => {
    const probe = document.createElement("i");
    document.body.append(probe);
    probe.style.color = `var(${name})`;
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const time = new Intl.DateTimeFormat(lang, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const digits = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const axis = (extra) => ({ stroke: colour("--ink-3"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px Inter, sans-serif", ...extra });

  function mount(element, build) {
    const item = { plot: null };
    const make = () => { item.plot?.destroy(); item.plot = build(element.clientWidth, element.clientHeight); };
    make();
    new ResizeObserver(() => item.plot.setSize({ width: element.clientWidth, height: element.clientHeight })).observe(element);
    document.addEventListener("themechange", make);
    return item;
  }

  // where nothing was measured the line breaks: a point without a value in every pause of more than three steps
  function paused(times, step) {
    return times.flatMap((at, i) => (i && at - times[i - 1] > 3 * step ? [times[i - 1] + step, at] : [at]));
  }

  // lines of several kinds share one time axis; a kind without a point there has a gap
  function joined(lines, step) {
    const times = paused([...new Set(lines.flatMap((line) => line.map(([at]) => at)))].sort((a, b) => a - b), step);
    return [times, ...lines.map((line) => { const by = new Map(line); return times.map((at) => by.get(at) ?? null); })];
  }

  // load by GPU kind: the last minutes move, the last day stands
  const load = document.querySelector("#chart-load");
  if (load) {
    const kinds = read("chart-kinds") || [];
    const day = read("chart-day") || {};
    let span = Number(load.dataset.span);
    const live = () => window.portalLive?.history || {};
    const data = () => joined(kinds.map(({ key }) => (span > 900 ? day[key] : live()[key]) || []), span > 900 ? 300 : 10);
    const item = mount(load, (width, height) => new uPlot({
      width, height, legend: { show: false }, cursor: { points: { size: 7 }, y: false }, padding: [8, 8, 0, 0],
      scales: { x: { range: () => { const end = Date.now() / 1000; return [end - span, end]; } }, y: { range: [0, 100] } },
      axes: [axis({ values: (u, v) => v.map((at) => time.format(at * 1000)), space: 90, size: 30, grid: { show: false } }),
        axis({ values: (u, v) => v.map((n) => `${n} %`), size: 52, space: 44 })],
      series: [{}, ...kinds.map((kind, i) => ({ label: kind.label, stroke: colour(`--c${(i % 4) + 1}`), width: 2, dash: DASHES[i % 4], points: { show: false } }))],
      hooks: { setCursor: [legend] },
    }, data(), load));
    function legend(plot) {
      const at = plot.cursor.idx;
      kinds.forEach(({ key }, i) => {
        const line = plot.data[i + 1];
        const value = at == null || plot.cursor.left < 0 ? line.filter((v) => v != null).at(-1) : line[at];
        const cell = document.querySelector(`[data-legend="${CSS.escape(key)}"]`);
        if (cell) cell.textContent = value == null ? "–" : `${digits.format(value)} %`;
      });
    }
    const draw = () => {
      item.plot.setData(data());
      legend(item.plot);
      const body = document.querySelector("#load-table[open] tbody");
      if (body) kinds.forEach((kind, i) => {
        const line = item.plot.data[i + 1].filter((v) => v != null);
        const cells = line.length ? [line.at(-1), Math.min(...line), line.reduce((a, b) => a + b, 0) / line.length, Math.max(...line)] : [];
        [0, 1, 2, 3].forEach((c) => { body.rows[i].cells[c + 1].textContent = cells.length ? `${digits.format(cells[c])} %` : "–"; });
      });
    };
    document.addEventListener("live:tick", draw);
    document.addEventListener("live:state", draw);
    document.querySelector("#load-table")?.addEventListener("toggle", draw);
    document.querySelectorAll("[data-span-set]").forEach((button) => button.addEventListener("click", () => {
      span = Number(button.dataset.spanSet);
      document.querySelectorAll("[data-span-set]").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      draw();
    }));
    draw();
  }

  // a tenant's day: quota as a line, allocation as a band, work as a line
  document.querySelectorAll("[data-use-chart]").forEach((element) => {
    const use = read(element.dataset.useChart);
    if (!use || !use.at.length) return;
    const times = paused(use.at, 300);
    const filled = (line) => { const by = new Map(use.at.map((at, i) => [at, line[i]])); return times.map((at) => by.get(at) ?? null); };
    const quota = times.map(() => use.quota);
    const top = Math.max(use.quota || 0, ...use.allocated, 1) * 1.15;
    mount(element, (width, height) => new uPlot({
      width, height, legend: { show: false }, cursor: { points: { size: 7 }, y: false }, padding: [8, 8, 0, 0],
      scales: { x: { range: () => { const end = Date.now() / 1000; return [end - 86400, end]; } }, y: { range: [0, top] } },
      axes: [axis({ values: (u, v) => v.map((at) => time.format(at * 1000)), space: 80, size: 30, grid: { show: false } }), axis({ size: 48, space: 40 })],
      series: [{}, { label: "quota", stroke: colour("--ink-2"), width: 2, dash: [6, 4], points: { show: false } },
        { label: "allocated", stroke: colour("--c1"), width: 1, fill: colour("--brand-soft"), points: { show: false } },
        { label: "busy", stroke: colour("--c2"), width: 2, points: { show: false } }],
    }, [times, quota, filled(use.allocated), filled(use.busy)], element));
  });
})();
