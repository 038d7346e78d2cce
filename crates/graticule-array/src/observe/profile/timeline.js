// The tasks of each thread over time, to be zoomed into.
"use strict";

/** The part of time that all charts of the page show, and how it is changed. */
class Window {
  constructor(seconds, changed) {
    this.all = { from: 0, to: seconds };
    this.view = { ...this.all, forward: true };
    this.changed = changed;
  }

  /** Zooms by a factor around a time. */
  zoom(factor, around) {
    const { from, to } = this.view;
    const span = Math.min(Math.max((to - from) / factor, 2e-5), this.all.to);
    const share = (around - from) / (to - from);
    this.move(around - share * span, span);
  }

  move(from, span = this.view.to - this.view.from) {
    const start = Math.min(Math.max(from, 0), this.all.to - span);
    this.view = { from: start, to: start + span, forward: true };
    this.changed();
  }

  reset() {
    this.view = { ...this.all, forward: true };
    this.changed();
  }
}

/** Runs at the same time have lanes of their own; runs after each other share them. */
function placeRuns(runs, end) {
  const placed = [];
  for (const run of runs) {
    const threads = Math.max(1, ...run.tasks.map(([, , thread]) => thread + 1));
    const until = run.finished ?? end;
    let lane = 0;
    for (;;) {
      const other = placed.find((p) => p.until > run.started && p.lane < lane + threads && lane < p.lane + p.threads);
      if (!other) break;
      lane = other.lane + other.threads;
    }
    placed.push({ run, lane, threads, until });
  }
  return placed;
}

class Timeline {
  constructor(canvas, runs, time) {
    this.canvas = canvas;
    this.time = time;
    this.lanes = [];
    for (const { run, lane } of placeRuns(runs, time.all.to)) {
      for (const [stage, task, thread, start, end, bytes, count] of run.tasks) {
        const name = run.plan.stages[stage]?.name ?? "";
        (this.lanes[lane + thread] ??= []).push({ run, name, stage, task, start, end, bytes, count });
      }
    }
    for (let lane = 0; lane < this.lanes.length; lane += 1) (this.lanes[lane] ??= []).sort((a, b) => a.start - b.start);
    this.listen();
  }

  draw() {
    const { from, to } = this.time.view;
    const count = Math.max(1, this.lanes.length);
    const height = count <= 12 ? 26 : count <= 24 ? 16 : Math.max(4, Math.floor(420 / count));
    const bottom = LANE.top + count * height;
    const { context, width } = prepareCanvas(this.canvas, bottom + LANE.axis);
    const left = Math.min(LANE.label, width * 0.2);
    const scale = (width - left) / (to - from);
    const gap = height > 10 ? 3 : height > 5 ? 1 : 0;
    this.drawn = { left, scale, height };
    context.textBaseline = "middle";
    for (let lane = 0; lane < count; lane += 1) {
      const y = LANE.top + lane * height;
      context.fillStyle = colors.token("--faint");
      context.fillRect(left, y + gap / 2, width - left, height - gap);
      if (height > 12 || lane % Math.ceil(14 / height) === 0) {
        context.fillStyle = colors.token("--muted");
        context.textAlign = "left";
        context.fillText(`thread ${lane + 1}`, 0, y + height / 2);
      }
    }
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, bottom);
    context.clip();
    this.lanes.forEach((tasks, lane) => {
      const y = LANE.top + lane * height + gap / 2;
      for (let i = firstAfter(tasks, from); i < tasks.length && tasks[i].start < to; i += 1) {
        const { name, start } = tasks[i];
        const x = left + (start - from) * scale;
        // Tasks too short to be told apart are drawn as one.
        let end = tasks[i].end;
        while ((end - start) * scale < 1.2 && tasks[i + 1]?.name === name && (tasks[i + 1].end - start) * scale < 1.2) {
          i += 1;
          end = tasks[i].end;
        }
        const wide = Math.max((end - start) * scale, 0.7);
        context.fillStyle = colors.token(colors.variable(name));
        if (wide > 6 && height > 10) {
          context.beginPath();
          context.roundRect(x, y, wide - 1, height - gap, 2.5);
          context.fill();
        } else {
          context.fillRect(x, y, wide > 3 ? wide - 0.6 : wide, height - gap);
        }
      }
    });
    context.restore();
    timeAxis(context, this.time.view, left, width - left, bottom);
  }

  /** The time and the lane under a pointer. */
  at(event) {
    const { left, scale, height } = this.drawn;
    const box = this.canvas.getBoundingClientRect();
    const x = Math.max(event.clientX - box.left, left);
    return { at: this.time.view.from + (x - left) / scale, lane: Math.floor((event.clientY - box.top - LANE.top) / height) };
  }

  hint(event) {
    const { at, lane } = this.at(event);
    const tasks = this.lanes[lane] ?? [];
    const slack = 1.5 / this.drawn.scale;
    let task = null;
    for (let i = firstAfter(tasks, at - slack); i < tasks.length && tasks[i].start <= at + slack; i += 1) {
      if (!task || Math.abs(tasks[i].start - at) < Math.abs(task.start - at)) task = tasks[i];
      if (tasks[i].start <= at && at <= tasks[i].end) {
        task = tasks[i];
        break;
      }
    }
    if (!task) return tip.hide();
    const lines = [
      `stage ${task.stage + 1}, ${task.count > 1 ? plural(task.count, "task") : `task ${formatCount(task.task + 1)}`}, thread ${lane + 1}`,
      `${formatSeconds(task.end - task.start)}, from ${formatSeconds(task.start)}`,
    ];
    if (task.bytes) lines.push(`read ${formatBytes(task.bytes)}, ${formatBytes(task.bytes / Math.max(task.end - task.start, 1e-9))}/s`);
    return tip.show(event, task.name, lines);
  }

  listen() {
    const { canvas, time } = this;
    let drag = null;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { view } = time;
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (sideways) time.move(view.from + event.deltaX / this.drawn.scale);
      else time.zoom(Math.exp(-event.deltaY * 0.0025), this.at(event).at);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      drag = { x: event.clientX, from: time.view.from };
      canvas.setPointerCapture(event.pointerId);
      tip.hide();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (drag) time.move(drag.from - (event.clientX - drag.x) / this.drawn.scale);
      else this.hint(event);
    });
    canvas.addEventListener("pointerup", () => (drag = null));
    canvas.addEventListener("pointercancel", () => (drag = null));
    canvas.addEventListener("pointerleave", () => tip.hide());
    canvas.addEventListener("dblclick", () => time.reset());
    canvas.addEventListener("keydown", (event) => {
      const { from, to } = time.view;
      const span = to - from;
      const middle = (from + to) / 2;
      const steps = { ArrowLeft: () => time.move(from - span / 5), ArrowRight: () => time.move(from + span / 5), "+": () => time.zoom(1.5, middle), "-": () => time.zoom(1 / 1.5, middle), "0": () => time.reset() };
      if (steps[event.key]) {
        event.preventDefault();
        steps[event.key]();
      }
    });
  }
}

/** The first task that ends after a time; tasks of a lane follow each other. */
function firstAfter(tasks, time) {
  let [low, high] = [0, tasks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tasks[middle].end < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
