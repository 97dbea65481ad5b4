/* Moves through a training run: the loss on the left, the map of the network's outputs on the right.

   The frames were recorded when the book was built (see conf/press/scrub.py): for each, the
   loss, the points on the wrong side, and the outputs over a grid, one byte each. Between the points
   of the grid the outputs are taken to be straight. The picture in the page, which shows the last
   frame, is kept for paper. */

"use strict";

/* The losses on a logarithmic scale, and a marker; returns what moves the marker. */
function drawLosses(svg, { step, frames }) {
  const box = { left: 46, right: 242, top: 12, bottom: 200 };
  const losses = frames.map((frame) => frame.loss);
  const low = Math.floor(Math.log10(Math.min(...losses)));
  const high = Math.log10(Math.max(...losses)) + 0.1;
  const last = frames[frames.length - 1].step;
  const across = (x) => box.left + ((box.right - box.left) * x) / last;
  const up = (y) => box.bottom - ((box.bottom - box.top) * (Math.log10(y) - low)) / (high - low);
  const decades = [];
  for (let power = low; power <= high; power++) decades.push(Number(`1e${power}`));
  axes(svg, box, across, up, { x: [0, 0.25, 0.5, 0.75, 1].map((part) => part * last), y: decades });
  draw(svg, "text", { x: (box.left + box.right) / 2, y: 234, "text-anchor": "middle" }, step);
  draw(svg, "text", { x: box.left + 8, y: box.top + 4 }, "loss");
  const places = frames.map((frame) => `${short(across(frame.step))} ${short(up(frame.loss))}`);
  draw(svg, "path", { class: "loss", d: `M${places.join("L")}` });
  const line = draw(svg, "path", { class: "now-line" });
  const dot = draw(svg, "circle", { class: "now", r: 5 });
  return (frame) => {
    line.setAttribute("d", `M${short(across(frame.step))} ${box.top}V${box.bottom}`);
    dot.setAttribute("cx", across(frame.step));
    dot.setAttribute("cy", up(frame.loss));
  };
}

/* The outputs of a frame, row by row. */
function outputs({ grid, reach }, { levels, columns }) {
  const bytes = atob(grid);
  const rows = [];
  for (let start = 0; start < bytes.length; start += columns) {
    const row = [...bytes.slice(start, start + columns)];
    rows.push(row.map((byte) => levels[1] + (reach * (byte.charCodeAt(0) - 128)) / 127));
  }
  return rows;
}

/* The map of outputs with the data on it; returns what shows a frame. */
function drawMap(svg, run) {
  const box = { left: 34, right: 350, top: 12, bottom: 200 };
  const [width, height] = [run.x[1] - run.x[0], run.y[1] - run.y[0]];
  const scale = Math.min((box.right - box.left) / width, (box.bottom - box.top) / height);
  box.left = (384 - width * scale) / 2;
  box.right = box.left + width * scale;
  box.top = box.bottom - height * scale;
  const across = (x) => box.left + (x - run.x[0]) * scale;
  const up = (y) => box.bottom - (y - run.y[0]) * scale;
  const whole = ([low, high]) => {
    const numbers = [];
    for (let n = Math.ceil(low); n <= high; n++) numbers.push(n);
    return numbers;
  };

  const shades = [[1, -1], [0, -1], [1, 1], [2, 1]].map(([level, sign]) => {
    const path = draw(svg, "path", { class: `shade side-${sign > 0 ? 1 : 0} level-${level}` });
    return { level: run.levels[level], sign, path };
  });
  const boundary = draw(svg, "path", { class: "boundary" });
  axes(svg, box, across, up, { x: whole(run.x), y: whole(run.y) });
  draw(svg, "text", { x: (box.left + box.right) / 2, y: 234, "text-anchor": "middle" }, "x₁");
  draw(svg, "text", { x: box.left - 26, y: (box.top + box.bottom) / 2 + 4, "text-anchor": "middle" }, "x₂");
  const markers = run.points.map(([x, y, side]) => {
    const [cx, cy] = [across(x), up(y)];
    if (side) return draw(svg, "rect", { class: "side-1", x: cx - 3, y: cy - 3, width: 6, height: 6 });
    return draw(svg, "circle", { class: "side-0", cx, cy, r: 3.4 });
  });

  return (frame) => {
    const rows = outputs(frame, run);
    const [columns, lines] = [run.columns - 1, rows.length - 1];
    const place = (column, row) => {
      const x = box.left + ((box.right - box.left) * column) / columns;
      return `${short(x)} ${short(box.bottom - ((box.bottom - box.top) * row) / lines)}`;
    };
    for (const { level, sign, path } of shades) {
      path.setAttribute("d", area(rows, level, sign, place).inside);
    }
    boundary.setAttribute("d", area(rows, run.levels[1], 1, place).border);
    const wrong = new Set(frame.wrong);
    markers.forEach((marker, i) => marker.classList.toggle("wrong", wrong.has(i)));
  };
}

for (const data of document.querySelectorAll('script.frames[type="application/json"]')) {
  const figure = data.closest("figure");
  const run = JSON.parse(data.textContent);
  const panels = make("div", { class: "scrub-panels" });
  const panel = (width, label) =>
    draw(panels, "svg", { viewBox: `0 0 ${width} 240`, role: "img", "aria-label": label });
  const marker = drawLosses(panel(256, `The loss against the ${run.step}.`), run);
  const map = drawMap(panel(384, `The network's decisions over the plane, and the data.`), run);
  data.after(panels);
  figure.classList.add("live");
  addControls(panels, {
    name: `Training, by ${run.step}`,
    states: run.frames.length,
    told: run.frames.map((frame) => frame.say),
    position: (at) => `${run.step} ${run.frames[at].step}`,
    show(at) {
      marker(run.frames[at]);
      map(run.frames[at]);
    },
    telling: true,
    pause: () => 400,
  });
}
