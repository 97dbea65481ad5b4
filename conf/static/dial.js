/* A picture with knobs: one slider a knob, and panels drawn anew for wherever the knobs stand.

   The description is in the page (see conf/press/dial.py). Formulas in it are read alike by Python,
   which draws the picture for paper, and here. The picture begins where its knobs start. */

"use strict";

const [GRID, TILT, RISE] = [24, 0.42, 0.5]; // as in dial.py
const FUNCTIONS = { tanh: Math.tanh, abs: Math.abs, max: Math.max, min: Math.min };
const compiled = new Map();

/* The value of a formula; what is none is itself, and a list is computed item by item. */
function computed(formula, scope) {
  if (Array.isArray(formula)) return formula.map((item) => computed(item, scope));
  if (typeof formula !== "string") return formula;
  const names = Object.keys(scope);
  const key = `${names} ${formula}`;
  if (!compiled.has(key)) compiled.set(key, new Function(...names, `return ${formula};`));
  return compiled.get(key)(...Object.values(scope));
}

function filled(text, scope) {
  return text.replace(/\{([^{}:]+)(?::\.(\d)f)?\}/g, (_, formula, digits) => {
    const value = computed(formula, scope);
    return digits ? value.toFixed(digits).replace(/^-(0\.?0*)$/, "$1") : String(value);
  });
}

function namesAt(told, values) {
  const scope = { ...FUNCTIONS, ...told.DATA };
  told.KNOBS.forEach((knob, i) => (scope[knob.name] = values[i]));
  for (const [name, formula] of Object.entries(told.LET)) scope[name] = computed(formula, scope);
  return scope;
}

const steps = ([low, high]) => [...Array(GRID + 1).keys()].map((i) => low + ((high - low) * i) / GRID);

/* The shapes of each panel, in numbers. */
function resolve(told, values) {
  const scope = namesAt(told, values);
  return told.PANELS.map((panel) =>
    panel.shapes.map((shape) => {
      const found = { ...shape };
      for (const key of ["points", "at", "width", "rows", "turn"]) {
        if (key in shape) found[key] = computed(shape[key], scope);
      }
      if ("text" in shape) found.text = filled(shape.text, scope);
      if (shape.kind === "field") {
        found.rows = steps(panel.y).map((y) =>
          steps(panel.x).map((x) => computed(shape.z, { ...scope, x, y })),
        );
      }
      if (shape.kind === "surface") Object.assign(found, projected(found));
      return found;
    }),
  );
}

/* A surface as one sees it: its cells, the far ones first, the square beneath, and its pins. */
function projected({ rows, turn, pins }) {
  const last = rows.length - 1;
  const [sine, cosine] = [Math.sin((turn * Math.PI) / 180), Math.cos((turn * Math.PI) / 180)];
  const place = (column, row, height) => {
    const [x, y] = [column / last - 0.5, row / last - 0.5];
    const [across, away] = [x * cosine - y * sine, x * sine + y * cosine];
    return [across, away * TILT + height * RISE, away];
  };
  const flat = (...where) => place(...where).slice(0, 2);
  const cells = [];
  for (let j = 0; j < last; j++) {
    for (let i = 0; i < last; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const heights = corners.map(([column, row]) => rows[row][column]);
      const points = corners.map((corner, k) => place(...corner, heights[k]));
      const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
      const away = sum(points.map((point) => point[2]));
      cells.push([away, points.map((point) => point.slice(0, 2)), sum(heights) / 4]);
    }
  }
  cells.sort((a, b) => b[0] - a[0]);
  return {
    floor: [[0, 0], [last, 0], [last, last], [0, last]].map((corner) => flat(...corner, 0)),
    cells: cells.map((cell) => cell.slice(1)),
    heads: pins.map(([i, j, height, label]) => [flat(i, j, rows[j][i]), flat(i, j, height), height, label]),
  };
}

/* Draw a panel anew: axes, and within them the shapes. */
function drawPanel(svg, panel, shapes) {
  svg.replaceChildren();
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const box = panel.bare
    ? { left: 4, right: width - 4, top: 4, bottom: height - 4 }
    : { left: panel.log ? 66 : 46, right: width - 16, top: 10, bottom: height - 42 };
  const scaled = (y) => (panel.log ? Math.log10(y) : y);
  const [low, high] = panel.y.map(scaled);
  if (panel.equal) {
    const [wide, tall] = [panel.x[1] - panel.x[0], high - low];
    const scale = Math.min((box.right - box.left) / wide, (box.bottom - box.top) / tall);
    box.left += (box.right - box.left - wide * scale) / 2;
    box.right = box.left + wide * scale;
    box.top = box.bottom - tall * scale;
  }
  const across = (x) => box.left + ((box.right - box.left) * (x - panel.x[0])) / (panel.x[1] - panel.x[0]);
  const up = (y) => box.bottom - ((box.bottom - box.top) * (scaled(y) - low)) / (high - low);
  const at = ([x, y]) => `${short(across(x))} ${short(up(y))}`;
  const path = (points) => `M${points.map(at).join("L")}`;

  const [boxWidth, boxHeight] = [box.right - box.left, box.bottom - box.top];
  const inside = draw(svg, "svg", {
    x: box.left, y: box.top, width: boxWidth, height: boxHeight,
    viewBox: `${box.left} ${box.top} ${boxWidth} ${boxHeight}`,
  });
  if (!panel.bare) {
    axes(svg, box, across, up, { x: panel.xticks, y: panel.yticks });
    const middle = (box.top + box.bottom) / 2;
    draw(svg, "text", { x: (box.left + box.right) / 2, y: height - 6, "text-anchor": "middle" }, panel.xlabel);
    draw(svg, "text", { transform: `translate(${box.left - (panel.log ? 54 : 34)} ${middle}) rotate(-90)`, "text-anchor": "middle" }, panel.ylabel);
  }
  const dot = (parent, [x, y], square, r, name) => {
    const [cx, cy] = [short(across(x)), short(up(y))];
    if (square) draw(parent, "rect", { class: name, x: cx - r, y: cy - r, width: 2 * r, height: 2 * r });
    else draw(parent, "circle", { class: name, cx, cy, r });
  };
  const pens = {
    line({ points, width: wide = 2, faint, dashed, colour = "ink" }) {
      if (!points.length || wide <= 0) return;
      const name = `line ${colour}${faint ? " faint" : ""}${dashed ? " dashed" : ""}`;
      draw(inside, "path", { class: name, d: path(points), "stroke-width": wide });
    },
    area: ({ points, colour = "ink" }) => draw(inside, "path", { class: `area ${colour}`, d: `${path(points)}Z` }),
    dots({ points, square, hollow, width: r = 4, colour = "ink" }) {
      for (const point of points) dot(svg, point, square, r, `dot ${colour}${hollow ? " hollow" : ""}`);
    },
    text({ at: [x, y], text, align = "center", colour = "ink" }) {
      const anchor = { left: "start", center: "middle", right: "end" }[align];
      draw(svg, "text", { class: colour, x: across(x), y: up(y) + 4.5, "text-anchor": anchor }, text);
    },
    field({ rows, levels }) {
      const place = (column, row) => {
        const x = box.left + (boxWidth * column) / GRID;
        return `${short(x)} ${short(box.bottom - (boxHeight * row) / GRID)}`;
      };
      for (const [level, sign] of [[1, -1], [0, -1], [1, 1], [2, 1]]) {
        const name = `shade ${sign > 0 ? "C1" : "C0"}`;
        draw(inside, "path", { class: name, d: area(rows, levels[level], sign, place).inside });
      }
      draw(inside, "path", { class: "line ink", d: area(rows, levels[1], 1, place).border, "stroke-width": 1.5 });
    },
    surface({ floor, cells, heads }) {
      draw(inside, "path", { class: "floor", d: `${path(floor)}Z` });
      for (const [points, level] of cells) {
        const part = Math.min(Math.max(level, 0), 1) - 0.5;
        const share = `--share: ${short(10 + 140 * Math.abs(part))}%`;
        draw(inside, "path", { class: `patch ${part > 0 ? "C1" : "C0"}`, style: share, d: `${path(points)}Z` });
      }
      for (const [foot, head, level, label] of heads) {
        draw(inside, "path", { class: "line ink", d: path([foot, head]), "stroke-width": 1.5 });
        dot(inside, head, level > 0, 5, `dot ${level > 0 ? "C1" : "C0"}`);
        draw(inside, "text", { x: across(head[0]), y: up(head[1]) - 11, "text-anchor": "middle" }, label);
      }
    },
  };
  for (const shape of shapes) pens[shape.kind](shape);
}

/* One row: what the knob is called, the slider, where it stands. Returns what reads its value. */
function addKnob(group, knob, turned) {
  const row = make("label", { class: "controls-row dial-row" });
  row.append(make("span", { class: "dial-name" }, knob.label ?? knob.name));
  const place = (value) => Math.round((value - knob.low) / knob.step);
  const slider = make("input", {
    type: "range", min: 0, max: place(knob.high), step: 1, value: place(knob.start),
  });
  const shown = make("span", { class: "controls-position", "aria-hidden": "true" });
  row.append(slider, shown);
  group.append(row);
  slider.addEventListener("input", turned);
  return {
    value: () => knob.low + Number(slider.value) * knob.step,
    show(text) {
      shown.textContent = text;
      slider.setAttribute("aria-valuetext", text);
    },
  };
}

for (const data of document.querySelectorAll('script.dial[type="application/json"]')) {
  const figure = data.closest("figure");
  const told = JSON.parse(data.textContent);
  const widths = told.PANELS.map((panel) => panel.width ?? 1);
  const whole = widths.reduce((a, b) => a + b, 0);
  const panels = make("div", { class: "scrub-panels dial-panels" });
  panels.style.setProperty("--columns", widths.map((width) => `${width}fr`).join(" "));
  const narrow = matchMedia("(max-width: 34rem)").matches; // then panels stand below each other
  const frames = told.PANELS.map((panel, i) => {
    const width = narrow ? 340 : Math.round((640 * widths[i]) / whole);
    const viewBox = `0 0 ${width} 270`;
    return draw(panels, "svg", { viewBox, role: "img", "aria-label": panel.title });
  });
  const group = make("div", { class: "controls dial-controls used", role: "group", "aria-label": "Knobs" });
  const words = make("p", { role: "status" });
  const turn = () => {
    const values = knobs.map((knob) => knob.value());
    const scope = namesAt(told, values);
    resolve(told, values).forEach((shapes, i) => drawPanel(frames[i], told.PANELS[i], shapes));
    knobs.forEach((knob, i) => {
      const { name, shown = `{${name}:.2f}` } = told.KNOBS[i];
      knob.show(filled(shown, scope));
    });
    words.textContent = filled(told.SAY, scope);
  };
  const knobs = told.KNOBS.map((knob) => addKnob(group, knob, turn));
  const said = make("div", { class: "controls-words" });
  said.append(words);
  group.append(said);
  data.after(panels);
  panels.after(group);
  figure.classList.add("live");
  turn();
}
