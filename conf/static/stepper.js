/* Walks through a graph: its values forward, its edges backward.

   Every step was recorded when the book was built, from the Values behind the figure (see
   conf/press/stepper.py). Nothing is computed here: a step says which number it writes where,
   and a state is drawn by writing all numbers up to it. The last state is the drawing as it came. */

"use strict";

for (const data of document.querySelectorAll('script.steps[type="application/json"]')) {
  const figure = data.closest("figure");
  const drawing = figure.querySelector(".drawing");
  const { gradients, begin, steps } = JSON.parse(data.textContent);
  const find = (selector) => [...drawing.querySelectorAll(selector)];

  // A value's texts are label (if it has one), data and gradient; they have the room they have.
  const values = find("[data-value]").map((group) => {
    const texts = [...group.querySelectorAll("text")];
    const [number, grad] = gradients ? texts.slice(-2) : texts.slice(-1);
    return { group, place: Number(group.dataset.value), number, grad };
  });
  values.sort((a, b) => a.place - b.place);
  const written = values.flatMap(({ number, grad }) => (grad ? [number, grad] : [number]));
  for (const text of written) text.classList.add("number");
  const atTheEnd = written.map((text) => [text, text.textContent, text.getComputedTextLength()]);
  const room = new Map(atTheEnd.map(([text, , width]) => [text, width + 8]));
  const forward = steps.filter((step) => step.edge === undefined && step.to === undefined).length;

  function write(text, content) {
    text.textContent = content;
    text.removeAttribute("textLength");
    const most = room.get(text);
    if (text.getComputedTextLength() > most && most > 8) {
      text.setAttribute("textLength", most);
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
  }

  function clear() {
    for (const name of ["ahead", "here", "there", "way", "back"]) {
      for (const element of find("." + name)) element.classList.remove(name);
    }
    for (const arrow of find(".turned")) arrow.remove();
  }

  const add = (name, selector) => find(selector).forEach((element) => element.classList.add(name));

  /* On the way back an arrow points the other way: at its beginning it gets a head. */
  function turn(edge) {
    const path = edge.querySelector("path");
    edge.classList.add("back");
    const [tip, base] = [path.getPointAtLength(0), path.getPointAtLength(9)];
    const [x, y] = [(base.x - tip.x) / 9, (base.y - tip.y) / 9];
    const corners = [[tip.x, tip.y], [base.x - 3.5 * y, base.y + 3.5 * x], [base.x + 3.5 * y, base.y - 3.5 * x]];
    const head = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
    head.setAttribute("class", "turned");
    head.setAttribute("points", corners.map((corner) => corner.map((n) => n.toFixed(1)).join(",")).join(" "));
    edge.append(head);
  }

  function show(at) {
    clear();
    const walking = at < steps.length;
    figure.classList.toggle("walking", walking);
    if (!walking) {
      for (const [text, content] of atTheEnd) write(text, content);
      return;
    }
    const step = steps[at];
    for (const value of values) {
      if (value.place > at && at < forward) {
        const { place } = value;
        value.group.classList.add("ahead");
        add("ahead", `[data-operation="${place}"], [data-result="${place}"], [data-edge^="${place}-"]`);
      }
      if (value.grad) write(value.grad, "grad 0");
    }
    for (const { node, data, to, grad } of steps.slice(0, at + 1)) {
      if (data !== undefined) write(values[node].number, `data ${data}`);
      if (grad !== undefined) write(values[to].grad, `grad ${grad}`);
    }
    const { node, edge, to } = step;
    add("here", `[data-value="${to ?? node}"]`);
    if (edge === undefined && to === undefined) {
      add("way", `[data-operation="${node}"], [data-result="${node}"], [data-edge^="${node}-"]`);
    } else if (edge !== undefined) {
      add("there", `[data-value="${node}"]`);
      add("way", `[data-operation="${node}"], [data-result="${node}"], [data-edge="${node}-${edge}"]`);
      find(`[data-edge="${node}-${edge}"], [data-result="${node}"]`).forEach(turn);
    }
    follow(values[to ?? node].group);
  }

  /* Scroll a graph that is wider than its frame, and nothing else. */
  function follow(group) {
    const [inner, outer] = [group.getBoundingClientRect(), drawing.getBoundingClientRect()];
    if (inner.left < outer.left) drawing.scrollLeft += inner.left - outer.left - 16;
    if (inner.right > outer.right) drawing.scrollLeft += inner.right - outer.right + 16;
  }

  const whole = "The end: the numbers of the figure, as it is printed.";
  addControls(drawing, {
    name: `Steps of ${figure.querySelector(".caption-number")?.textContent.trim().toLowerCase() ?? "the computation"}`,
    states: steps.length + 1,
    told: [...steps.map((step) => step.say), whole],
    position: (at) => `${at + 1} of ${steps.length + 1}`,
    show,
    begin,
    telling: begin,
  });
}
