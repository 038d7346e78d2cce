// Quantities over time.
"use strict";

const LANE = { label: 74, top: 4, axis: 20 };

/**
 * Marks of an axis of time. A view goes from one time to another; with `live` or `ended` it counts back from its end,
 * otherwise on from zero.
 */
function timeAxis(context, view, left, width, y) {
  const span = view.to - view.from;
  context.lineWidth = 1;
  context.strokeStyle = colors.token("--line");
  context.fillStyle = colors.token("--muted");
  context.textBaseline = "top";
  context.beginPath();
  context.moveTo(left, y + 0.5);
  context.lineTo(left + width, y + 0.5);
  context.stroke();
  const count = Math.max(2, width / 110);
  const marks = view.forward ? ticks(view.from, view.to, count) : ticks(0, span, count).map((back) => view.to - back);
  for (const at of marks) {
    const x = left + (width * (at - view.from)) / span;
    const back = view.to - at;
    const word = view.live ? "now" : "end";
    const label = view.forward ? formatAxis(at, span) : back < span * 1e-6 ? word : `−${formatAxis(back, span)}`;
    const half = context.measureText(label).width / 2;
    context.textAlign = "center";
    context.fillText(label, Math.min(Math.max(x, left + (view.forward ? half : 0)), left + width - half), y + 5);
  }
}

/** A time on an axis, with as many digits as the axis needs. */
function formatAxis(seconds, span) {
  if (span < 0.002) return `${+(seconds * 1e6).toFixed(0)} µs`;
  if (span < 2) return `${+(seconds * 1e3).toFixed(span < 0.02 ? 2 : 0)} ms`;
  if (span < 240) return `${+seconds.toFixed(1)} s`;
  return `${+(seconds / 60).toFixed(1)} min`;
}

/** A quantity over time, as an area with lines to compare it with. */
class TimeChart {
  constructor(id, { color, format, base, redraw }) {
    this.canvas = document.getElementById(id);
    this.redraw = redraw;
    this.color = color;
    this.format = format;
    this.base = base;
    this.canvas.addEventListener("mousemove", (event) => this.hint(event));
    this.canvas.addEventListener("mouseleave", () => {
      this.pointer = null;
      tip.hide();
    });
  }

  /** `points` are pairs of time and value; `marks` lines with a label, from a time on. */
  draw(points, view, marks = []) {
    const height = 190;
    const { context, width } = prepareCanvas(this.canvas, height);
    const left = Math.min(LANE.label, width * 0.2);
    const [top, bottom] = [10, height - LANE.axis];
    const seen = points.filter(([at], i) => at >= view.from || points[i + 1]?.[0] >= view.from);
    const most = Math.max(0, ...seen.map(([, value]) => value), ...marks.map((mark) => mark.value));
    const high = (most || 1) * 1.12;
    const x = (at) => left + ((at - view.from) / (view.to - view.from)) * (width - left);
    const y = (value) => bottom - (value / high) * (bottom - top);
    this.drawn = { seen, view, left, width, x, y };

    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const value of most > 0 ? ticks(0, high, 4, this.base) : [0]) {
      context.strokeStyle = colors.token("--faint");
      context.beginPath();
      context.moveTo(left, Math.round(y(value)) + 0.5);
      context.lineTo(width, Math.round(y(value)) + 0.5);
      context.stroke();
      context.fillStyle = colors.token("--muted");
      context.fillText(value === 0 ? "0" : this.format(value).replace(/\.0+ /, " "), left - 8, y(value));
    }
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, bottom + 1);
    context.clip();
    if (seen.length > 1) {
      const color = colors.token(this.color);
      context.beginPath();
      seen.forEach(([at, value], i) => (i ? context.lineTo(x(at), y(value)) : context.moveTo(x(at), y(value))));
      context.strokeStyle = color;
      context.lineWidth = 1.6;
      context.lineJoin = "round";
      context.stroke();
      context.lineTo(x(seen[seen.length - 1][0]), bottom);
      context.lineTo(x(seen[0][0]), bottom);
      context.fillStyle = color;
      context.globalAlpha = 0.14;
      context.fill();
      context.globalAlpha = 1;
    }
    context.lineWidth = 1.2;
    for (const mark of marks) {
      const [from, to] = [Math.max(x(mark.from ?? view.from), left), x(mark.to ?? view.to)];
      if (to < left) continue;
      context.strokeStyle = colors.token(mark.color);
      context.setLineDash(mark.dash ?? []);
      context.beginPath();
      context.moveTo(from, y(mark.value));
      context.lineTo(to, y(mark.value));
      context.stroke();
    }
    context.setLineDash([]);
    context.restore();
    context.textAlign = "right";
    context.textBaseline = "bottom";
    for (const mark of marks.filter((mark) => mark.label)) {
      // A rim keeps the label legible on lines.
      context.strokeStyle = colors.token("--card");
      context.lineWidth = 4;
      context.strokeText(mark.label, width - 2, y(mark.value) - 3);
      context.fillStyle = colors.token(mark.color);
      context.fillText(mark.label, width - 2, y(mark.value) - 3);
    }
    timeAxis(context, view, left, width - left, bottom);
    if (this.pointer) this.mark(context, top, bottom);
  }

  mark(context, top, bottom) {
    const { x, y, left } = this.drawn;
    const px = x(this.pointer[0]);
    if (px < left) return;
    context.strokeStyle = colors.token("--muted");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(Math.round(px) + 0.5, top);
    context.lineTo(Math.round(px) + 0.5, bottom);
    context.stroke();
    context.fillStyle = colors.token(this.color);
    context.beginPath();
    context.arc(px, y(this.pointer[1]), 3.5, 0, 7);
    context.fill();
  }

  hint(event) {
    if (!this.drawn?.seen.length) return;
    const { seen, view, left, width } = this.drawn;
    const box = this.canvas.getBoundingClientRect();
    const at = view.from + ((event.clientX - box.left - left) / (width - left)) * (view.to - view.from);
    this.pointer = seen.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));
    const back = formatSeconds(Math.max(0, view.to - this.pointer[0]));
    const when = view.forward ? `at ${formatSeconds(this.pointer[0])}` : `${back} before the ${view.live ? "present" : "end"}`;
    tip.show(event, this.format(this.pointer[1]), [when]);
    this.redraw();
  }
}

/**
 * The memory that runs were predicted to take at most, as marks of a chart: beside what the process had before, and
 * together where they ran at once.
 */
function predictions(runs, to) {
  const known = runs.filter((run) => run.before !== null);
  const times = [...new Set(known.flatMap((run) => [run.started, run.finished ?? to]))].sort((a, b) => a - b);
  const marks = [];
  times.slice(0, -1).forEach((from, i) => {
    const active = known.filter((run) => run.started <= from && (run.finished ?? to) > from);
    if (!active.length) return;
    const value = Math.min(...active.map((run) => run.before)) + active.reduce((sum, run) => sum + run.peak, 0);
    marks.push({ from, to: times[i + 1], value, dash: [5, 4], color: "--warn", label: "" });
  });
  if (marks.length) marks.at(-1).label = "predicted peak";
  return marks;
}
