// Which thread is at what, over the last minute.
"use strict";

const stream = {
  canvas: document.getElementById("stream"),
  drawn: null,

  draw(model, view) {
    const spans = [...model.spans.values()].filter((span) => span.end > view.from);
    const lanes = Math.max(1, ...spans.map((span) => span.lane + 1), ...model.current.map((task) => task.lane + 1), model.lanes());
    const height = lanes <= 12 ? 24 : lanes <= 24 ? 15 : Math.max(4, Math.floor(360 / lanes));
    const bottom = LANE.top + lanes * height;
    const { context, width } = prepareCanvas(this.canvas, bottom + LANE.axis);
    const left = Math.min(LANE.label, width * 0.2);
    const scale = (width - left) / (view.to - view.from);
    const gap = height > 10 ? 3 : height > 5 ? 1 : 0;
    this.drawn = { spans, view, left, scale, height, width, model };

    context.textBaseline = "middle";
    context.textAlign = "left";
    for (let lane = 0; lane < lanes; lane += 1) {
      const y = LANE.top + lane * height;
      context.fillStyle = colors.token("--faint");
      context.fillRect(left, y + gap / 2, width - left, height - gap);
      if (height > 12 || lane % Math.ceil(14 / height) === 0) {
        context.fillStyle = colors.token("--muted");
        context.fillText(`thread ${lane + 1}`, 0, y + height / 2);
      }
    }
    context.save();
    context.beginPath();
    context.rect(left, 0, width - left, bottom);
    context.clip();
    const paint = (run, stage, lane, start, end, waiting) => {
      const name = model.runs.get(run)?.stages[stage]?.name ?? "";
      context.fillStyle = colors.token(colors.variable(name));
      context.globalAlpha = waiting ? 0.55 : 1;
      const x = left + (start - view.from) * scale;
      const wide = Math.max((end - start) * scale, 0.8);
      const y = LANE.top + lane * height + gap / 2;
      const seam = wide > 4 ? 0.6 : 0;
      if (wide > 6 && height > 10) {
        context.beginPath();
        context.roundRect(x, y, wide - seam, height - gap, 2.5);
        context.fill();
      } else {
        context.fillRect(x, y, wide - seam, height - gap);
      }
    };
    for (const span of spans) paint(span.run, span.stage, span.lane, span.start, span.end, false);
    for (const task of model.current) paint(task.run, task.stage, task.lane, task.since, view.to, true);
    context.globalAlpha = 1;
    context.restore();
    timeAxis(context, view, left, width - left, bottom);
  },

  hint(event) {
    if (!this.drawn) return;
    const { spans, view, left, scale, height, model } = this.drawn;
    const box = this.canvas.getBoundingClientRect();
    const at = view.from + (event.clientX - box.left - left) / scale;
    const lane = Math.floor((event.clientY - box.top - LANE.top) / height);
    const slack = 1.5 / scale;
    const span = spans.find((s) => s.lane === lane && s.start - slack <= at && at <= s.end + slack);
    const task = model.current.find((t) => t.lane === lane && t.since <= at);
    const name = (run, stage) => model.runs.get(run)?.stages[stage]?.name ?? "";
    if (span) {
      const lines = [
        `stage ${span.stage + 1}, thread ${lane + 1}`,
        `${plural(span.tasks, "task")}, ${formatSeconds(span.end - span.start)}`,
      ];
      if (span.bytes_read) lines.push(`read ${formatBytes(span.bytes_read)}`);
      tip.show(event, name(span.run, span.stage), lines);
    } else if (task && at <= view.to) {
      tip.show(event, name(task.run, task.stage), [
        `stage ${task.stage + 1}, thread ${lane + 1}`,
        `at task ${formatCount(task.task + 1)} for ${formatSeconds(Math.max(0, view.to - task.since))}`,
      ]);
    } else {
      tip.hide();
    }
  },
};
