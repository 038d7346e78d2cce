// The live page: what the process tells is kept in `model`, and `page` shows it.
"use strict";

/** Seconds that are in view at most. */
const WINDOW = 60;

const model = {
  runs: new Map(),
  spans: new Map(),
  samples: [],
  current: [],
  offset: 0,
  process: null,

  /** Takes in a message: everything, or what changed. */
  take(message) {
    if (message.all) {
      this.runs.clear();
      this.spans.clear();
      this.samples = [];
    }
    this.offset = message.now - performance.now() / 1000;
    this.process = message.process;
    this.current = message.current;
    for (const run of message.runs) {
      const before = this.runs.get(run.run);
      this.runs.set(run.run, before ? { ...before, ...run } : run);
    }
    for (const span of message.spans) this.spans.set(span.id, span);
    const last = this.samples.at(-1)?.at ?? -1;
    this.samples.push(...message.samples.filter((sample) => sample.at > last));
    const oldest = this.end() - 2 * WINDOW;
    for (const [id, span] of this.spans) if (span.end < oldest) this.spans.delete(id);
    this.samples = this.samples.filter((sample) => sample.at >= oldest);
    const finished = this.ended();
    for (const run of finished.slice(0, Math.max(0, finished.length - 50))) this.runs.delete(run.run);
  },

  now() {
    return this.offset + performance.now() / 1000;
  },

  active() {
    return [...this.runs.values()].filter((run) => run.finished === null);
  },

  ended() {
    return [...this.runs.values()].filter((run) => run.finished !== null).sort((a, b) => a.finished - b.finished);
  },

  /** Where time ends on the page: now, or where the last run ended, so that what happened stays in view. */
  end() {
    if (this.active().length) return page.connected ? this.now() : (page.lost ?? this.now());
    return (this.ended().at(-1)?.finished ?? this.now()) + 0.3;
  },

  view() {
    const to = this.end();
    const starts = [...this.runs.values()].filter((run) => (run.finished ?? to) > to - WINDOW).map((run) => run.started);
    const first = Math.min(to - 2, ...starts);
    return { from: Math.max(first, to - WINDOW), to, live: page.connected && this.active().length > 0 };
  },

  lanes() {
    const shown = this.active().length ? this.active() : this.ended().slice(-1);
    return Math.max(0, ...shown.map((run) => run.lane + run.threads));
  },
};

function title(run) {
  const last = run.stages.at(-1);
  return last ? shortened(last.name) : "what was in memory";
}

function counts(run) {
  const sum = (of) => run.stages.reduce((total, stage) => total + of(stage), 0);
  return { tasks: sum((s) => s.tasks), done: sum((s) => s.done), bytes: sum((s) => s.bytes_read), decoded: sum((s) => s.decoded_bytes) };
}

function outcome(run) {
  if (run.finished === null) return ["running", ""];
  if (run.outcome === "succeeded") return ["done", "good"];
  if (run.outcome === "cancelled") return ["cancelled", "warn"];
  return ["failed", "bad"];
}

const find = (id) => document.getElementById(id);
const memoryChart = new TimeChart("memory", { color: "--c0", format: formatBytes, base: 1024, redraw: () => page.redraw() });
const rateChart = new TimeChart("rate", { color: "--c2", format: (value) => page.rateFormat(value), base: 10, redraw: () => page.redraw() });

const page = {
  connected: false,
  lost: null,
  chosen: null,
  graphOf: null,
  graph: null,
  rateFormat: formatBytes,

  /** The run whose stages and graph are shown: the one that was picked, or the latest. */
  shown() {
    const picked = model.runs.get(this.chosen);
    return picked ?? model.active().at(-1) ?? model.ended().at(-1);
  },

  redraw() {
    if (this.waiting || document.hidden) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  },

  draw() {
    this.drawStatus();
    this.drawActive();
    this.drawTiles();
    const view = model.view();
    stream.draw(model, view);
    this.drawOperations();
    this.drawMemory(view);
    this.drawRate(view);
    this.drawGraph();
    this.drawRuns();
  },

  drawStatus() {
    const status = find("status");
    const is = !this.connected ? (this.lost === null ? "connecting" : "gone") : model.active().length ? "computing" : "idle";
    status.dataset.is = is;
    setText(status, is === "gone" ? "not connected: the program has ended, or cannot be reached" : is);
    setText(find("process"), model.process === null ? "" : `process ${model.process}`);
    const [run] = model.active();
    const done = run ? counts(run) : null;
    const share = done ? `${Math.floor((100 * done.done) / Math.max(done.tasks, 1))}% · ` : "";
    if (document.title !== `${share}Graticule`) document.title = `${share}Graticule`;
  },

  drawActive() {
    const active = model.active();
    const shown = active.length ? active : model.ended().slice(-1);
    const box = find("active");
    if (!shown.length) {
      if (!box.querySelector(".empty")) box.replaceChildren(element("div", { class: "empty", "data-key": "empty" }, "Nothing was computed yet. What the program computes from now on shows here."));
      return;
    }
    keep(box, shown, (run) => run.run, makeRun, updateRun);
  },

  drawTiles() {
    const last = model.samples.at(-1);
    const recent = model.samples.filter((sample) => sample.at > (last?.at ?? 0) - 1.1);
    const mean = (of) => (recent.length ? recent.reduce((sum, sample) => sum + of(sample), 0) / recent.length : 0);
    const run = model.active().at(-1) ?? model.ended().at(-1);
    const active = model.active().length > 0;
    const busy = model.current.length;
    const lanes = model.active().reduce((sum, other) => sum + other.threads, 0);
    const read = [...model.runs.values()].reduce((sum, other) => sum + counts(other).bytes, 0);
    const tiles = [
      {
        what: "Memory of the process",
        value: last?.memory != null ? formatBytes(last.memory) : "unknown",
        more: run ? `limit ${formatBytes(run.limit_bytes)}` : "",
      },
      {
        what: "Predicted peak of the run",
        value: run ? formatBytes(run.peak_bytes) : "–",
        more: run?.memory_before != null ? `beside ${formatBytes(run.memory_before)} at its start` : "",
      },
      { what: "Read a second", value: active ? formatBytes(mean((s) => s.bytes_per_second)) : "–", more: read ? `${formatBytes(read)} in all` : "nothing was read" },
      {
        what: "Threads at work",
        value: active ? `${busy} of ${lanes}` : "–",
        more: active ? `${formatCount(mean((s) => s.tasks_per_second))} tasks a second, ${mean((s) => s.cpu ?? 0).toFixed(1)} CPUs` : "",
      },
    ];
    keep(
      find("tiles"),
      tiles,
      (tile) => tile.what,
      (tile) => element("div", { class: "tile" }, element("div", { class: "what" }, tile.what), element("div", { class: "value" }), element("div", { class: "more" })),
      (node, tile) => {
        setText(node.children[1], tile.value);
        setText(node.children[2], tile.more || "\u00a0");
      },
    );
  },

  drawOperations() {
    const run = this.shown();
    setText(find("operations-note"), run ? `${run.stages.length > 1 ? `${run.stages.length} stages` : "one stage"} of ${title(run)}` : "");
    keep(find("operations"), run ? run.stages.map((stage, number) => ({ stage, number, run })) : [], (item) => `${item.run.run}-${item.number}`, makeOperation, updateOperation);
  },

  drawMemory(view) {
    const points = model.samples.filter((sample) => sample.memory != null).map((sample) => [sample.at, sample.memory]);
    const runs = [...model.runs.values()].filter((run) => (run.finished ?? view.to) > view.from);
    const marks = predictions(
      runs.map((run) => ({ started: run.started, finished: run.finished, before: run.memory_before, peak: run.peak_bytes })),
      view.to,
    );
    const limit = runs.at(-1)?.limit_bytes;
    const most = Math.max(0, ...points.map(([, value]) => value), ...marks.map((mark) => mark.value));
    if (limit && limit < most * 1.6) marks.push({ value: limit, color: "--bad", label: "limit" });
    setText(find("memory-note"), limit ? (limit < most * 1.6 ? "" : `far below the limit of ${formatBytes(limit)}`) : "");
    memoryChart.draw(points, view, marks);
  },

  drawRate(view) {
    const reads = model.samples.some((sample) => sample.bytes_per_second > 0);
    this.rateFormat = reads ? (value) => `${formatBytes(value)}/s` : (value) => `${formatCount(value)}/s`;
    rateChart.base = reads ? 1024 : 10;
    setText(find("rate-title"), reads ? "Bytes read a second" : "Tasks a second");
    setText(find("rate-note"), reads ? "decoded" : "nothing is read");
    rateChart.draw(model.samples.map((sample) => [sample.at, reads ? sample.bytes_per_second : sample.tasks_per_second]), view);
  },

  drawGraph() {
    const run = this.shown();
    const plan = run?.plan;
    find("graph-card").hidden = !plan?.graph.nodes.length;
    find("plan-card").hidden = !plan;
    if (!plan) return;
    if (this.graphOf !== run.run) {
      this.graphOf = run.run;
      this.graph = drawGraph(plan.graph);
      find("graph").replaceChildren(this.graph.svg);
      find("plan").textContent = plan.text;
      setText(find("graph-note"), `${title(run)}; the filled part is done`);
    }
    this.graph.update(run.stages.map((stage) => (stage.finished !== null ? 1 : stage.done / Math.max(stage.tasks, 1))));
  },

  drawRuns() {
    const ended = model.ended().reverse();
    const failed = ended.filter((run) => outcome(run)[0] === "failed").length;
    setText(find("runs-note"), ended.length ? `${formatCount(ended.length)} ended${failed ? `, ${formatCount(failed)} failed` : ""}` : "none has ended yet");
    keep(find("runs"), ended, (run) => run.run, makeRow, updateRow);
  },
};

function makeRun(run) {
  const parts = run.stages.map((stage) => {
    const fill = element("i");
    fill.style.background = colors.css(stage.name);
    const part = element("div", { class: "part", title: stage.name }, fill);
    part.style.flex = `${Math.max(stage.tasks, 1)} 1 0`;
    return part;
  });
  return element(
    "div",
    { class: "run" },
    element("div", { class: "head" }, element("span", { class: "title" }, title(run)), element("span", { class: "left" })),
    element("div", { class: "track", role: "progressbar", "aria-label": "tasks done" }, ...parts),
    element("div", { class: "facts" }),
    element("div", { class: "error" }),
  );
}

function updateRun(node, run) {
  const { tasks, done, bytes, decoded } = counts(run);
  const elapsed = (run.finished ?? (page.connected ? model.now() : (page.lost ?? 0))) - run.started;
  const share = done / Math.max(tasks, 1);
  const [word] = outcome(run);
  let left = run.finished === null ? `${Math.floor(100 * share)}%` : word;
  if (run.finished === null && done > 0 && done < tasks) left += ` · about ${formatClock((elapsed / done) * (tasks - done))} left`;
  setText(node.querySelector(".left"), left);
  run.stages.forEach((stage, i) => {
    const fill = node.querySelector(".track").children[i]?.firstChild;
    if (fill) fill.style.width = `${(100 * stage.done) / Math.max(stage.tasks, 1)}%`;
  });
  const facts = [`${formatCount(done)} of ${plural(tasks, "task")}`, run.finished === null ? formatClock(elapsed) : formatSeconds(elapsed)];
  const at = run.stages.findIndex((stage) => stage.started !== null && stage.finished === null);
  if (run.finished === null && at >= 0 && run.stages.length > 1) facts.unshift(`stage ${at + 1} of ${run.stages.length}`);
  if (bytes) facts.push(`read ${formatBytes(bytes)}${run.finished === null && decoded > bytes ? ` of ${formatBytes(decoded)}` : ""}`);
  setText(node.querySelector(".facts"), facts.join(" · "));
  setText(node.querySelector(".error"), run.outcome?.failed ?? "");
}

function makeOperation({ stage }) {
  const swatch = element("span", { class: "swatch" });
  swatch.style.background = colors.css(stage.name);
  const fill = element("i");
  fill.style.background = colors.css(stage.name);
  const cells = Array.from({ length: 5 }, () => element("td"));
  return element("tr", {}, element("td", { class: "name" }, swatch, shortened(stage.name)), element("td", { class: "bar" }, element("div", { class: "meter" }, fill)), ...cells);
}

function updateOperation(row, { stage, run }) {
  row.querySelector("i").style.width = `${(100 * stage.done) / Math.max(stage.tasks, 1)}%`;
  const end = stage.finished ?? run.finished ?? (page.connected ? model.now() : (page.lost ?? 0));
  const took = stage.started === null ? null : end - stage.started;
  const [, , done, read, rate, time, reading] = row.children;
  setText(done, `${formatCount(stage.done)} / ${formatCount(stage.tasks)}`);
  setText(read, stage.bytes_read ? formatBytes(stage.bytes_read) : "–");
  setText(rate, stage.bytes_read && took > 0 ? `${formatBytes(stage.bytes_read / took)}/s` : took > 0 && stage.done ? `${formatCount(stage.done / took)} tasks/s` : "–");
  setText(time, took === null ? "–" : stage.finished === null && run.finished === null ? formatClock(took) : formatSeconds(took));
  setText(reading, stage.bytes_read && stage.busy > 0 ? `${Math.round((100 * stage.reading) / stage.busy)}%` : "–");
}

function makeRow(run) {
  const cells = Array.from({ length: 5 }, () => element("td"));
  const row = element("tr", {}, element("td", { class: "name" }, element("div", {}, title(run)), element("div", { class: "message" })), ...cells);
  if (run.plan) {
    row.classList.add("pick");
    row.tabIndex = 0;
    row.title = "show its stages and its graph";
    const pick = () => {
      page.chosen = page.chosen === run.run ? null : run.run;
      page.redraw();
    };
    row.addEventListener("click", pick);
    row.addEventListener("keydown", (event) => event.key === "Enter" && pick());
  }
  return row;
}

function updateRow(row, run) {
  const { tasks, done, bytes } = counts(run);
  const [word, tone] = outcome(run);
  const [name, ended, time, count, read, peak] = row.children;
  row.classList.toggle("chosen", page.chosen === run.run);
  setText(name.lastChild, run.outcome?.failed ?? "");
  setText(ended, word);
  ended.className = tone;
  setText(time, formatSeconds(run.finished - run.started));
  setText(count, done === tasks ? formatCount(tasks) : `${formatCount(done)} / ${formatCount(tasks)}`);
  setText(read, bytes ? formatBytes(bytes) : "–");
  setText(peak, formatBytes(run.peak_bytes));
}

function connect() {
  const events = new EventSource("events");
  events.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (page.process !== message.process) {
      page.process = message.process;
      page.chosen = null;
      page.graphOf = null;
    }
    page.connected = true;
    page.lost = null;
    model.take(message);
    page.redraw();
  };
  events.onerror = () => {
    if (page.connected) page.lost = model.now();
    else page.lost ??= 0;
    page.connected = false;
    page.redraw();
    // A browser gives up on a refused connection; the next run of the program may be at the same address.
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(connect, 2000);
      events.close();
    }
  };
}

stream.canvas.addEventListener("mousemove", (event) => stream.hint(event));
stream.canvas.addEventListener("mouseleave", () => tip.hide());
addEventListener("resize", () => page.redraw());
document.addEventListener("visibilitychange", () => page.redraw());
setUpTheme(find("theme"), () => page.redraw());
// While something runs, time goes on between messages.
setInterval(() => page.connected && model.active().length && page.redraw(), 100);
connect();
