// A profile: the recording is in the page.
"use strict";

const { recording, texts } = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const end = Math.max(recording.seconds, ...recording.runs.map((run) => run.finished ?? 0), 1e-4);
// What was before the first run and after the last says nothing about either.
const first = Math.min(end, ...recording.runs.map((run) => run.started));
const last = Math.max(first + 1e-4, ...recording.runs.map((run) => run.finished ?? end));
const shift = Math.max(0, first - (last - first) * 0.02);

/** The recording with times from where the page begins. */
function shifted(run) {
  const stages = run.stages.map((s) => ({ ...s, started: s.started === null ? null : s.started - shift, finished: s.finished === null ? null : s.finished - shift }));
  const tasks = run.tasks.map(([stage, task, thread, from, to, bytes, count]) => [stage, task, thread, from - shift, to - shift, bytes, count]);
  return { ...run, stages, tasks, started: run.started - shift, finished: run.finished === null ? null : run.finished - shift };
}

const runs = recording.runs.map(shifted);
const memory = recording.memory.map((sample) => [sample.at - shift, sample.bytes]);
const time = new Window((last - shift) + (last - first) * 0.02, () => redraw());
const timeline = new Timeline(find("timeline"), runs, time);
const reads = runs.some((run) => run.stages.some((stage) => stage.bytes_read > 0));
const memoryChart = new TimeChart("memory", { color: "--c0", format: formatBytes, base: 1024, redraw: () => redraw() });
const rateChart = new TimeChart("rate", {
  color: "--c2",
  format: (value) => (reads ? `${formatBytes(value)}/s` : `${formatCount(value)}/s`),
  base: reads ? 1024 : 10,
  redraw: () => redraw(),
});

let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    timeline.draw();
    drawMemory();
    rateChart.draw(rates(time.view), time.view);
  });
}

function drawMemory() {
  const { from, to } = time.view;
  const seen = runs.filter((run) => (run.finished ?? to) >= from && run.started <= to);
  const marks = predictions(
    seen.map((run) => ({ started: run.started, finished: run.finished, before: run.memory_before, peak: run.plan.peak_bytes })),
    time.all.to,
  ).filter((mark) => mark.to >= from && mark.from <= to);
  if (marks.length) marks.at(-1).label = "predicted peak";
  const limit = seen.at(-1)?.plan.limit_bytes;
  const most = Math.max(0, ...memory.map(([, bytes]) => bytes), ...marks.map((mark) => mark.value));
  const near = limit && limit < most * 1.6;
  if (near) marks.push({ value: limit, color: "--bad", label: "limit" });
  setText(find("memory-note"), memory.length === 0 ? "this system does not tell" : limit && !near ? `far below the limit of ${formatBytes(limit)}` : "");
  memoryChart.draw(memory, time.view, marks);
}

/** Bytes or tasks a second: what a task delivered is spread over its time. */
function rates(view) {
  const bins = 160;
  const width = (view.to - view.from) / bins;
  const sums = new Float64Array(bins);
  for (const run of runs) {
    for (const [, , , start, stop, bytes, count] of run.tasks) {
      if (stop < view.from || start > view.to) continue;
      const amount = reads ? bytes : count;
      const [low, high] = [(start - view.from) / width, (stop - view.from) / width];
      const [a, b] = [Math.max(0, Math.floor(low)), Math.min(bins - 1, Math.floor(high))];
      for (let bin = a; bin <= b; bin += 1) {
        const part = high > low ? (Math.min(high, bin + 1) - Math.max(low, bin)) / (high - low) : 1;
        sums[bin] += amount * Math.max(0, part);
      }
    }
  }
  return [...sums].map((sum, bin) => [view.from + (bin + 0.5) * width, sum / width]);
}

function operations() {
  const found = new Map();
  for (const run of runs) {
    run.stages.forEach((stage, i) => {
      const name = run.plan.stages[i].name;
      const sum = found.get(name) ?? { name, busy: 0, reading: 0, bytes: 0, tasks: 0, longest: 0, passes: 0 };
      sum.busy += stage.busy;
      sum.reading += stage.reading;
      sum.bytes += stage.bytes_read;
      sum.tasks += stage.tasks;
      sum.longest = Math.max(sum.longest, stage.longest);
      sum.passes += stage.started === null ? 0 : 1;
      found.set(name, sum);
    });
  }
  return [...found.values()];
}

function swatch(name) {
  const box = element("span", { class: "swatch" });
  box.style.background = colors.css(name);
  return box;
}

function row(...cells) {
  return element("tr", {}, ...cells.map((cell) => (cell instanceof Node ? cell : element("td", {}, String(cell)))));
}

function title(run) {
  return shortened(run.plan.stages.at(-1)?.name ?? "what was in memory");
}

function sum(of) {
  return runs.reduce((total, run) => total + run.stages.reduce((all, stage) => all + of(stage), 0), 0);
}

function writeTiles() {
  const busy = sum((stage) => stage.busy);
  const wall = runs.reduce((total, run) => total + ((run.finished ?? last - shift) - run.started), 0);
  const top = Math.max(0, ...memory.map(([, bytes]) => bytes));
  const predicted = predictions(
    runs.map((run) => ({ started: run.started, finished: run.finished, before: run.memory_before, peak: run.plan.peak_bytes })),
    time.all.to,
  );
  const tiles = [
    ["Time", formatSeconds(wall), `${plural(runs.length, "run")}`],
    ["Threads busy", wall > 0 ? (busy / wall).toFixed(2) : "–", `${formatSeconds(busy)} in ${plural(sum((s) => s.tasks), "task")}`],
    ["Read", reads ? formatBytes(sum((s) => s.bytes_read)) : "nothing", reads ? `${plural(sum((s) => s.blocks_read), "block")}, ${Math.round((100 * sum((s) => s.reading)) / Math.max(busy, 1e-9))}% of the time` : "no source was asked"],
    ["Most memory of the process", memory.length ? formatBytes(top) : "unknown", predicted.length ? `predicted at most ${formatBytes(Math.max(...predicted.map((mark) => mark.value)))}` : ""],
  ];
  find("tiles").replaceChildren(
    ...tiles.map(([what, value, more]) =>
      element("div", { class: "tile" }, element("div", { class: "what" }, what), element("div", { class: "value" }, value), element("div", { class: "more" }, more)),
    ),
  );
}

function writeTables() {
  const all = operations();
  const longest = Math.max(1e-9, ...all.map((o) => o.busy));
  const total = Math.max(1e-9, all.reduce((t, o) => t + o.busy, 0));
  find("legend").replaceChildren(...all.slice(0, 12).map((o) => element("span", { class: "item" }, swatch(o.name), shortened(o.name))));
  find("operations").replaceChildren(
    ...[...all].sort((a, b) => b.busy - a.busy).map((o) => {
      const fill = element("i");
      fill.style.width = `${(100 * o.busy) / longest}%`;
      fill.style.background = colors.css(o.name);
      return row(
        element("td", { class: "name" }, swatch(o.name), shortened(o.name)),
        element("td", { class: "bar" }, element("div", { class: "meter" }, fill)),
        `${formatSeconds(o.busy)}, ${Math.round((100 * o.busy) / total)}%`,
        o.bytes && o.busy > 0 ? `${Math.round((100 * o.reading) / o.busy)}%` : "–",
        o.bytes ? formatBytes(o.bytes) : "–",
        formatCount(o.tasks),
        o.tasks ? formatSeconds(o.busy / o.tasks) : "–",
        formatSeconds(o.longest),
        formatCount(o.passes),
      );
    }),
  );
  const words = (run) => (run.outcome === "succeeded" ? ["done", "good"] : run.outcome === "cancelled" ? ["cancelled", "warn"] : run.outcome === null ? ["running", ""] : ["failed", "bad"]);
  find("runs").replaceChildren(
    ...runs.map((run) => {
      const [word, tone] = words(run);
      const took = (run.finished ?? last - shift) - run.started;
      const of = (f) => run.stages.reduce((t, s) => t + f(s), 0);
      const message = run.outcome?.failed ? [element("div", { class: "message" }, run.outcome.failed)] : [];
      return row(
        element("td", { class: "name" }, title(run), ...message),
        element("td", { class: tone }, word),
        formatSeconds(run.started),
        formatSeconds(took),
        took > 0 ? (of((s) => s.busy) / took).toFixed(2) : "–",
        formatCount(of((s) => s.tasks)),
        of((s) => s.bytes_read) ? formatBytes(of((s) => s.bytes_read)) : "–",
        formatBytes(run.plan.peak_bytes),
      );
    }),
  );
  setText(find("runs-note"), recording.unwritten_runs ? `${plural(recording.unwritten_runs, "further run")} not recorded` : "");
}

function writePlans() {
  const distinct = new Map();
  texts.forEach((text, i) => distinct.set(text, [...(distinct.get(text) ?? []), i]));
  const few = distinct.size <= 3;
  for (const [text, of] of distinct) {
    const name = title(runs[of[0]]) + (of.length > 1 ? ` · ${plural(of.length, "run")}` : "");
    find("plans").append(element("details", few ? { open: "" } : {}, element("summary", {}, name), element("pre", {}, text)));
  }
  find("plans").hidden = distinct.size === 0;
}

setText(find("when"), new Date(recording.began * 1000).toLocaleString());
setText(find("timeline-note"), "wheel or + − to zoom, drag to move, double click for all");
setText(find("rate-title"), reads ? "Bytes read a second" : "Tasks a second");
setText(find("rate-note"), reads ? "decoded, of all threads together" : "nothing was read");
for (const name of operations().map((o) => o.name)) colors.variable(name);
find("closer").addEventListener("click", () => time.zoom(1.6, (time.view.from + time.view.to) / 2));
find("farther").addEventListener("click", () => time.zoom(1 / 1.6, (time.view.from + time.view.to) / 2));
find("whole").addEventListener("click", () => time.reset());
addEventListener("resize", redraw);
writeTiles();
writeTables();
writePlans();
setUpTheme(find("theme"), redraw);
