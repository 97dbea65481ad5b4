/* A network that learns in the page. Runs that were recorded when the book was built play anywhere;
   where the book is live, its own engine trains in a worker (see live/play.mjs), and everything can
   be changed. Both give states (see static/live/play.py): losses, weights, norms of gradients. What
   the network says over the plane is computed here, from the weights. */

"use strict";

const ACTIVATE = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};
const CELLS = 36; // of the map, across and up
const EVERY = 90; // milliseconds between two states of a recorded run

/* What a network says for an input: weights are layers of neurons, each with its bias last. */
function answer(weights, activation, input) {
  let signal = input;
  weights.forEach((layer, depth) => {
    const sums = layer.map((neuron) => {
      let sum = neuron[neuron.length - 1];
      for (let i = 0; i < signal.length; i++) sum += neuron[i] * signal[i];
      return sum;
    });
    signal = depth + 1 < weights.length ? sums.map(ACTIVATE[activation]) : sums;
  });
  return signal[0];
}

/* Circles and lines: a line is as wide as its weight is large, blue below 0 and orange above. */
function drawNet(svg, weights) {
  svg.replaceChildren();
  const sizes = [2, ...weights.map((layer) => layer.length)];
  const place = (depth, i) => [
    20 + (216 * depth) / (sizes.length - 1),
    106 + (Math.min(12, 22 * (8 / Math.max(8, sizes[depth]))) * 2 * (i - (sizes[depth] - 1) / 2)) / (sizes[depth] > 8 ? 1.6 : 1),
  ];
  weights.forEach((layer, depth) => {
    layer.forEach((neuron, j) => {
      neuron.slice(0, -1).forEach((weight, i) => {
        const [a, b] = [place(depth, i), place(depth + 1, j)];
        draw(svg, "path", {
          class: weight < 0 ? "weight side-0" : "weight side-1",
          "stroke-width": short(Math.min(5, 0.25 + 1.6 * Math.abs(weight))),
          d: `M${a.map(short).join(" ")}L${b.map(short).join(" ")}`,
        });
      });
    });
  });
  sizes.forEach((size, depth) => {
    for (let i = 0; i < size; i++) {
      const [cx, cy] = place(depth, i).map(short);
      draw(svg, "circle", { class: "neuron", cx, cy, r: size > 8 ? 4 : 6.5 });
    }
  });
  ["x₁, x₂", ...weights.slice(0, -1).map((layer) => layer.length), "answer"].forEach((text, depth, all) => {
    const anchor = depth === 0 ? "start" : depth === all.length - 1 ? "end" : "middle";
    const x = depth === 0 ? 2 : depth === all.length - 1 ? 254 : place(depth, 0)[0];
    draw(svg, "text", { x, y: 234, "text-anchor": anchor }, text);
  });
}

/* The plane: where the network says which side, and the points. Returns what shows a state. */
function planeOf(svg, { points, held, settings }) {
  const every = [...points, ...held, [-1, -1], [1, 1]];
  const low = [0, 1].map((k) => Math.min(...every.map((p) => p[k])) - 0.2);
  const high = [0, 1].map((k) => Math.max(...every.map((p) => p[k])) + 0.2);
  const scale = Math.min(330 / (high[0] - low[0]), 204 / (high[1] - low[1]));
  const width = (high[0] - low[0]) * scale;
  const box = { left: (384 - width) / 2 + 8, bottom: 212, top: 212 - (high[1] - low[1]) * scale };
  box.right = box.left + width;
  const across = (x) => box.left + (x - low[0]) * scale;
  const up = (y) => box.bottom - (y - low[1]) * scale;
  const whole = (k) => {
    const found = [];
    for (let n = Math.ceil(low[k]); n <= high[k]; n++) found.push(n);
    return found;
  };
  const shades = [[1, -1], [0, -1], [0, 1], [1, 1]].map(([level, sign]) => ({
    level, sign, path: draw(svg, "path", { class: `shade side-${sign > 0 ? 1 : 0}` }),
  }));
  const boundary = draw(svg, "path", { class: "boundary" });
  axes(svg, box, across, up, { x: whole(0), y: whole(1) });
  const mark = ([x, y, side], kept) => {
    const kind = `${kept ? "kept" : ""} side-${side}`;
    const [cx, cy] = [short(across(x)), short(up(y))];
    if (!side) return draw(svg, "circle", { class: kind, cx, cy, r: kept ? 2.2 : 3.6 });
    const r = kept ? 2 : 3.2;
    return draw(svg, "rect", { class: kind, x: short(cx - r), y: short(cy - r), width: 2 * r, height: 2 * r });
  };
  held.forEach((point) => mark(point, true));
  const markers = points.map((point) => mark(point, false));
  const place = (column, row) =>
    `${short(box.left + (width * column) / CELLS)} ${short(box.bottom - ((box.bottom - box.top) * row) / CELLS)}`;
  return {
    at(event) { // a place in the picture as a point of the plane, if it is in it
      const { left, top, width: wide } = svg.getBoundingClientRect();
      const part = 384 / wide;
      const [x, y] = [(event.clientX - left) * part, (event.clientY - top) * part];
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) return null;
      return [low[0] + (x - box.left) / scale, low[1] + (box.bottom - y) / scale].map(short);
    },
    show({ weights }) {
      const says = (x, y) => {
        const z = answer(weights, settings.activation, [x, y]);
        return Number.isFinite(z) ? z : 0;
      };
      const rows = [];
      for (let j = 0; j <= CELLS; j++) {
        const row = [];
        for (let i = 0; i <= CELLS; i++) {
          row.push(says(low[0] + (i / CELLS) * (high[0] - low[0]), low[1] + (j / CELLS) * (high[1] - low[1])));
        }
        rows.push(row);
      }
      for (const { level, sign, path } of shades) {
        path.setAttribute("d", area(rows, sign * level, sign, place).inside);
      }
      boundary.setAttribute("d", area(rows, 0, 1, place).border);
      markers.forEach((marker, i) => {
        const [x, y, side] = points[i];
        marker.classList.toggle("wrong", says(x, y) > 0 !== side > 0);
      });
    },
  };
}

/* The losses until now, on a logarithmic scale, and a bar for each layer's gradient. */
function drawCurves(svg, states) {
  svg.replaceChildren();
  const box = { left: 48, right: 246, top: 20, bottom: 116 };
  const known = (key) => states.filter((state) => state[key] !== null);
  const floor = 1e-3;
  const all = ["loss", "held"].flatMap((key) => known(key).map((state) => Math.max(state[key], floor)));
  const high = Math.log10(Math.max(...all, 1)) + 0.15;
  const low = Math.min(-1, Math.floor(Math.log10(Math.min(...all, 1))));
  const last = Math.max(10, states[states.length - 1].step);
  const across = (x) => box.left + ((box.right - box.left) * x) / last;
  const up = (y) => box.bottom - ((box.bottom - box.top) * (Math.log10(Math.max(y, floor)) - low)) / (high - low);
  const decades = [];
  for (let power = low; power <= high; power++) decades.push(Number(`1e${power}`));
  axes(svg, box, across, up, { x: [0, last], y: decades });
  for (const key of ["held", "loss"]) {
    const places = known(key).map((state) => `${short(across(state.step))} ${short(up(state[key]))}`);
    if (places.length) draw(svg, "path", { class: `loss ${key}`, d: `M${places.join("L")}` });
  }
  draw(svg, "text", { x: box.left + 6, y: 12 }, "loss (dashed: points kept back)");
  draw(svg, "text", { x: 12, y: 158 }, "gradients, layer by layer");
  const { norms } = states[states.length - 1];
  const wide = 224 / norms.length;
  norms.forEach((norm, i) => {
    const power = Number.isFinite(norm) && norm > 0 ? Math.log10(norm) : -4;
    const height = Math.min(1, Math.max(0, (power + 4) / 5)) * 48; // from 1e-4 to 10
    const x = short(16 + i * wide);
    draw(svg, "rect", { class: "norm", x, y: short(214 - height), width: short(wide - 10), height: short(height) });
    const text = norm === null ? "?" : norm === 0 ? "0" : norm.toPrecision(1);
    draw(svg, "text", { x: short(x + (wide - 10) / 2), y: 230, "text-anchor": "middle" }, String(Number(text)).replace("NaN", "?"));
  });
  draw(svg, "path", { class: "axis", d: "M12 214H246" });
}

const LABELS = {
  data: "Data", layers: "Hidden layers", activation: "Activation", init: "Start",
  optimizer: "Optimiser", rate: "Rate", batch: "Batch", seed: "Seed",
};
const WORDS = { own: "own points", none: "none", "8,8": "8, 8", "16,16": "16, 16", descent: "plain descent" };

function playground(data) {
  const figure = data.closest("figure");
  const told = JSON.parse(data.textContent);
  const { choices, runs } = told;
  const live = told.live && location.protocol.startsWith("http"); // from the disk no worker starts
  const start = runs[0].settings;

  const panels = make("div", { class: "scrub-panels playground-panels" });
  const panel = (width, label) =>
    draw(panels, "svg", { viewBox: `0 0 ${width} 240`, role: "img", "aria-label": label });
  const net = panel(256, "The network: a line is as wide as its weight is large.");
  const plane = panel(384, "The plane: where the network says which side, and the points.");
  const curves = panel(256, "The loss so far, and the size of the gradients of each layer.");

  const group = make("div", { class: "controls playground-controls used", role: "group", "aria-label": "Playground" });
  const row = make("div", { class: "controls-row" });
  const button = (name, action) => {
    const element = make("button", { type: "button" }, name);
    element.addEventListener("click", action);
    row.append(element);
    return element;
  };
  const playing = button("Play", () => (timer || busy ? pause() : play()));
  button("Step", () => { pause(); forward(1); });
  button("Reset", () => { pause(); load(); });
  const counter = make("span", { class: "controls-position", "aria-hidden": "true" });
  const spoken = make("span", { role: "status", class: "playground-spoken" }); // it says where one stops
  const knobs = make("div", { class: "playground-knobs" });
  const selects = {};
  for (const [name, options] of Object.entries(choices)) {
    const label = make("label", {}, "");
    label.append(make("span", {}, LABELS[name]));
    const select = make("select");
    for (const option of options) select.append(make("option", { value: option }, WORDS[option] ?? String(option)));
    select.addEventListener("change", () => changed(name));
    select.disabled = !live && name !== "data";
    label.append(select);
    knobs.append(label);
    selects[name] = select;
  }
  const words = make("p", { role: "status", class: "playground-words" });
  const shown = make("details", { class: "playground-code" });
  const listing = make("pre", { tabindex: "0", "aria-label": "The code" });
  shown.append(make("summary", {}, "Show the code"), listing);
  group.append(row, knobs, words, shown);
  data.after(panels);
  panels.after(group);
  figure.classList.add("live");

  let run = runs[0]; // settings, points and code of what is shown
  let states = [];
  let view = null;
  let timer = null; // of a recorded run
  let busy = false; // whether the worker is at work
  let own = []; // points of the reader's own
  let side = 1;
  let engine = null;

  const same = (a, b) => Object.keys(choices).every((name) => String(a[name]) === String(b[name]));
  const chosen = () => Object.fromEntries(Object.entries(selects).map(([name, select]) => [name, select.value]));

  function show() {
    const state = states[states.length - 1];
    drawNet(net, state.weights);
    view.show(state);
    drawCurves(curves, states);
    const loss = state.loss === null ? "not a number" : state.loss.toPrecision(3);
    counter.textContent = `step ${state.step}: loss ${loss}, ${state.right} of ${run.points.length} points right`;
    plane.setAttribute("aria-label", `The plane after ${counter.textContent}.`);
    say("");
    if (!timer && !busy) spoken.textContent = counter.textContent;
  }

  function say(text) {
    words.textContent = text;
  }

  function begin(next, first) {
    run = next;
    states = [first];
    plane.replaceChildren();
    view = planeOf(plane, run);
    listing.textContent = run.code;
    show();
  }

  /* Show a run with the settings chosen: a recorded one if there is one, or one of the engine's. */
  function load() {
    const settings = chosen();
    const recorded = settings.data === "own" ? null : runs.find((each) => same(each.settings, settings));
    engine?.end();
    engine = null;
    if (recorded) begin(recorded, recorded.states[0]);
    else if (!live) say("These settings are not among the recorded runs. In a book that is served, with `make serve`, the engine trains with any.");
    else train(settings, 0);
    return recorded;
  }

  /* Let the engine begin, and take so many steps (Infinity: until it is paused). */
  async function train(settings, count) {
    if (settings.data === "own" && new Set(own.map((point) => point[2])).size < 2) {
      begin({ settings, points: own, held: [], code: "" }, { step: 0, loss: null, held: null, right: 0, weights: [[[0, 0, 0]]], norms: [0] });
      say("Click into the plane to put points there, of both kinds: first one kind, and with the Shift key, or after “Other kind”, the other.");
      return;
    }
    busy = true;
    say("Loading Python: some megabytes, once.");
    const { Engine } = await import(new URL("live/play-page.mjs", script));
    engine ??= new Engine();
    engine.hear = (told) => {
      if (told.kind === "trouble") {
        busy = false;
        name();
        say(told.error);
      }
      if (told.kind === "loading") say(`Loading Python, once: ${Math.floor(100 * told.share)} % of ${(told.size / 1e6).toFixed(1)} MB.`);
      if (told.kind === "begun") {
        const next = { settings, points: told.points, held: told.held, code: told.code };
        busy = count > 0;
        begin(next, told.state);
        if (count) engine.go(count);
        name();
      }
      if (told.kind === "states") {
        states.push(...told.states);
        if (states.length > 600) states = states.filter((_, i) => i % 2 === 0 || i === states.length - 1);
        busy = !told.done;
        show();
        name();
      }
    };
    engine.begin(settings, own);
    name();
  }

  function forward(count) {
    if (engine) {
      busy = true;
      engine.go(count);
      return true;
    }
    if (!same(run.settings, chosen())) {
      if (live) train(chosen(), count);
      return live;
    }
    const next = run.states?.[states.length];
    if (next) {
      states.push(next);
      show();
      return true;
    }
    if (live && run.states) train(chosen(), count); // from the start, by the engine
    return false;
  }

  function play() {
    if (engine || !same(run.settings, chosen())) {
      forward(Infinity);
      name();
      return;
    }
    if (states.length >= run.states.length) load();
    timer = setInterval(() => {
      if (states.length >= run.states.length) pause();
      else forward(1);
    }, EVERY);
    name();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    engine?.pause();
    busy = false;
    name();
    if (states.length) show();
  }

  function name() {
    playing.textContent = timer || busy ? "Pause" : "Play";
  }

  /* A setting has changed: it stands in the address, and a run begins. */
  function changed(name) {
    const went = timer || busy;
    pause();
    if (!live && name === "data") { // a set of data brings the settings that it was recorded with
      const recorded = runs.find((each) => each.settings.data === selects.data.value);
      for (const [key, select] of Object.entries(selects)) select.value = String(recorded.settings[key]);
    }
    const settings = chosen();
    const other = Object.entries(settings).filter(([key, value]) => String(start[key]) !== value);
    history.replaceState(null, "", `#playground${other.length ? `?${new URLSearchParams(other)}` : ""}`);
    load();
    if (went || !live) play();
  }

  /* What the address says. Returns whether it says anything. */
  function obey() {
    const [place, query = ""] = location.hash.slice(1).split("?");
    if (place !== "playground") return false;
    const given = new URLSearchParams(query);
    for (const [key, select] of Object.entries(selects)) {
      const value = given.get(key) ?? String(start[key]);
      if ([...select.options].some((option) => option.value === value)) select.value = value;
    }
    pause();
    const found = load();
    if (found && !matchMedia("(prefers-reduced-motion: reduce)").matches) play();
    if (location.hash.includes("?")) figure.scrollIntoView({ block: "nearest" });
    return true;
  }

  const other = button("Other kind", () => {
    side = 1 - side;
    other.setAttribute("aria-pressed", String(side === 0));
  });
  other.setAttribute("aria-pressed", "false");
  other.hidden = !live;
  row.append(counter, spoken);
  plane.addEventListener("click", (event) => {
    if (!live) return;
    const point = view.at(event);
    if (!point) return;
    if (selects.data.value !== "own") {
      own = run.points.slice();
      selects.data.value = "own";
    }
    own.push([...point, event.shiftKey ? 1 - side : side]);
    changed();
  });

  for (const [key, select] of Object.entries(selects)) select.value = String(start[key]);
  if (!live) {
    const kept = new Set(runs.map((each) => each.settings.data));
    for (const option of selects.data.options) option.disabled = !kept.has(option.value);
    const note = make("p", { class: "playground-note" });
    const code = (text) => make("code", { class: "literal" }, text);
    note.append("A recorded run of the book's own engine. In a book that is served, with ", code("make serve"), ", it trains in this page, and all settings can be changed.");
    knobs.after(note);
  }
  begin(runs[0], runs[0].states[0]);
  addEventListener("hashchange", obey);
  if (!obey() && !matchMedia("(prefers-reduced-motion: reduce)").matches) play();
}

const script = document.currentScript.src;
for (const data of document.querySelectorAll('script.playground[type="application/json"]')) playground(data);
