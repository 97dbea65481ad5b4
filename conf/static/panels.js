/* What figures that are drawn in the page are drawn with: elements of SVG, axes, and areas. */

"use strict";

const SVG = "http://www.w3.org/2000/svg";

function draw(parent, tag, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  parent.append(element);
  return element;
}

const short = (number) => Number(number.toFixed(2));

/* Axes: a frame of two lines with ticks. `across` and `up` turn numbers into places. */
function axes(svg, { left, right, top, bottom }, across, up, ticks) {
  draw(svg, "path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` });
  for (const x of ticks.x) {
    draw(svg, "path", { class: "axis", d: `M${short(across(x))} ${bottom}v4` });
    draw(svg, "text", { x: across(x), y: bottom + 16, "text-anchor": "middle" }, x);
  }
  for (const y of ticks.y) {
    draw(svg, "path", { class: "axis", d: `M${left} ${short(up(y))}h-4` });
    draw(svg, "text", { x: left - 7, y: up(y) + 4, "text-anchor": "end" }, y);
  }
}

/* Where the outputs are above a level (`sign` 1) or below it (-1), cell by cell, as the path of an
   area, and the border of it as the path of a line; `place` turns column and row into a place. */
function area(rows, level, sign, place) {
  let inside = "";
  let border = "";
  for (let j = 0; j + 1 < rows.length; j++) {
    for (let i = 0; i + 1 < rows[j].length; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const heights = corners.map(([column, row]) => sign * (rows[row][column] - level));
      if (heights.every((height) => height <= 0)) continue;
      const polygon = [];
      const crossings = [];
      for (let k = 0; k < 4; k++) {
        const next = (k + 1) % 4;
        if (heights[k] > 0) polygon.push(place(...corners[k]));
        if (heights[k] > 0 === heights[next] > 0) continue;
        const part = heights[k] / (heights[k] - heights[next]);
        const [a, b] = [corners[k], corners[next]];
        const crossing = place(a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1]));
        polygon.push(crossing);
        crossings.push(crossing);
      }
      inside += `M${polygon.join("L")}Z`;
      for (let k = 0; k < crossings.length; k += 2) border += `M${crossings[k]}L${crossings[k + 1]}`;
    }
  }
  return { inside, border };
}
