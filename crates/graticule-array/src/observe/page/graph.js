// The operations of a plan, from sources on the left to results on the right.
"use strict";

const BOX = { height: 40, gap: 16, between: 34, pad: 12, most: 250 };

/** Places nodes in layers: each stands right of what it uses, and near its height. */
function layOut(graph) {
  const layer = graph.nodes.map(() => 0);
  const inputs = graph.nodes.map(() => []);
  for (const [from, to] of graph.edges) {
    layer[to] = Math.max(layer[to], layer[from] + 1);
    inputs[to].push(from);
  }
  // Sources stand right before what uses them, not all at the far left.
  const users = graph.nodes.map(() => []);
  for (const [from, to] of graph.edges) users[from].push(to);
  graph.nodes.forEach((_, i) => {
    if (inputs[i].length === 0 && users[i].length > 0) layer[i] = Math.min(...users[i].map((user) => layer[user])) - 1;
  });
  const columns = [];
  layer.forEach((column, i) => (columns[column] ??= []).push(i));
  for (let column = 0; column < columns.length; column += 1) columns[column] ??= [];
  const width = graph.nodes.map((node) =>
    Math.min(BOX.most, Math.max(shortened(node.label, 34).length * 6.7, shortened(node.detail, 42).length * 5.9) + 2 * BOX.pad),
  );
  const place = graph.nodes.map(() => ({ x: 0, y: 0 }));
  const order = (column) => {
    const wanted = (i) => {
      const near = [...inputs[i], ...users[i]].filter((other) => place[other].set);
      return near.length ? near.reduce((sum, other) => sum + place[other].y, 0) / near.length : 0;
    };
    columns[column].map((i) => [wanted(i), i]).sort((a, b) => a[0] - b[0]).forEach(([, i], k) => {
      columns[column][k] = i;
    });
    const tall = columns[column].length * (BOX.height + BOX.gap);
    columns[column].forEach((i, k) => {
      place[i] = { y: k * (BOX.height + BOX.gap) - tall / 2 + (BOX.height + BOX.gap) / 2, set: true };
    });
  };
  for (let column = 0; column < columns.length; column += 1) order(column);
  for (let column = columns.length - 2; column >= 0; column -= 1) order(column);
  let x = 0;
  for (const column of columns) {
    const wide = Math.max(0, ...column.map((i) => width[i]));
    for (const i of column) place[i].x = x + wide / 2;
    x += wide + BOX.between;
  }
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  return { place, width, layer, wide: Math.max(1, x - BOX.between), tall: tallest * (BOX.height + BOX.gap) };
}

/** Draws a graph; gives the element and a function that fills its nodes by what is done of each stage. */
function drawGraph(graph) {
  const { place, width, layer, wide, tall } = layOut(graph);
  const middle = tall / 2;
  // Arrows past other columns pass below what stands there.
  const reach = graph.edges.some(([from, to]) => layer[to] - layer[from] > 1) ? 26 : 0;
  const box = [-4, 0, wide + 8, tall + reach];
  const svg = element("svg", { class: "graph", viewBox: box.join(" "), width: box[2], height: box[3], role: "img" });
  svg.style.minWidth = `${Math.min(box[2], box[2] * 0.72)}px`;
  svg.style.maxWidth = "100%";
  for (const [from, to] of graph.edges) {
    const x1 = place[from].x + width[from] / 2;
    const x2 = place[to].x - width[to] / 2;
    const [y1, y2] = [middle + place[from].y, middle + place[to].y];
    const half = Math.max((x2 - x1) / 2, 12);
    const blocked = graph.nodes.some(
      (_, i) => layer[i] > layer[from] && layer[i] < layer[to] && Math.abs(place[i].y - (place[from].y + place[to].y) / 2) < BOX.height,
    );
    let d = `M${x1} ${y1}C${x1 + half} ${y1} ${x2 - half} ${y2} ${x2} ${y2}`;
    if (blocked) {
      const around = tall + reach * 0.6;
      const bend = 22;
      d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x1} ${around} ${x1 + 2 * bend} ${around}L${x2 - 2 * bend} ${around}` +
        `C${x2} ${around} ${x2 - bend} ${y2} ${x2} ${y2}`;
    }
    svg.append(element("path", { class: "edge", d }));
  }
  const unique = `g${(drawGraph.made = (drawGraph.made ?? 0) + 1)}-`;
  const fills = graph.nodes.map((node, i) => {
    const { x, y } = place[i];
    const shape = { x: x - width[i] / 2, y: middle + y - BOX.height / 2, width: width[i], height: BOX.height };
    const clip = element("clipPath", { id: unique + i }, element("rect", { ...shape, rx: 7 }));
    const fill = element("rect", { ...shape, width: 0, class: "fill", fill: `var(--${node.kind})`, "clip-path": `url(#${unique}${i})` });
    const texts = [element("text", { x, y: middle + y + (node.detail ? -2 : 4) }, shortened(node.label, 34))];
    if (node.detail) texts.push(element("text", { x, y: middle + y + 12, class: "detail" }, shortened(node.detail, 42)));
    const hint = element("title", {}, [node.label, node.detail].filter(Boolean).join("\n"));
    const outline = element("rect", { ...shape, rx: 7, class: "box", fill: "none" });
    const group = element("g", { class: "node" }, clip, element("rect", { ...shape, rx: 7, class: "box" }), fill, outline, ...texts, hint);
    outline.style.fill = "none";
    svg.append(group);
    return { group, fill, width: width[i], stages: node.stages };
  });
  const update = (done) => {
    for (const { group, fill, width: full, stages } of fills) {
      const share = stages.reduce((sum, stage) => sum + (done[stage] ?? 0), 0) / Math.max(stages.length, 1);
      fill.style.width = `${full * share}px`;
      group.classList.toggle("done", share >= 1);
      group.classList.toggle("busy", share > 0 && share < 1);
    }
  };
  return { svg, update };
}
