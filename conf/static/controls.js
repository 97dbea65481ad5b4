/* The row of controls under a figure that one can walk through: Play, first, back, forward, last, and
   a slider; below it a line that says in words what is shown, and says it to a screen reader too.
   All of it is made here, so that a page without script has no dead buttons. */

"use strict";

const ICONS = {
  first: "M4 3v10M13 3 6 8l7 5z",
  back: "M11 3 4 8l7 5z",
  forward: "M5 3l7 5-7 5z",
  last: "M12 3v10M3 3l7 5-7 5z",
};

/* Milliseconds that a state stays while it plays: long enough to see it, and to read its sentence. */
const reading = (words) => 900 + 22 * words.length;

/* An element with its attributes; `text` is its content. */
function make(tag, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

/* Put a row of controls behind `place`.

   states   how many states there are; the last one is shown first (or with `begin` the first one),
            and the last one when printing
   told     the sentences, one a state
   position says a place in words, such as "step 3 of 17"
   show     draws a state, given its number
   pause    how long a state stays while it plays, given its sentence
   telling  whether the sentence is there from the start, and not from the first step on */
function addControls(place, { name, states, told, position, show, begin = false, telling = false, pause = reading }) {
  const last = states - 1;
  let at = begin ? 0 : last;

  const group = make("div", { class: "controls", role: "group", "aria-label": name });
  const row = make("div", { class: "controls-row" });
  const buttons = {};
  const button = (icon, label, target) => {
    const element = make("button", { type: "button", "aria-label": label, title: label });
    element.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    element.addEventListener("click", () => {
      stop();
      go(target());
    });
    buttons[icon] = element;
    row.append(element);
  };
  let timer = null;
  const playing = make("button", { type: "button", class: "controls-play" }, "Play");
  playing.addEventListener("click", () => (timer ? stop() : play(at === last ? 0 : at + 1)));
  row.append(playing);

  function play(to) {
    playing.textContent = "Pause";
    go(to);
    timer = setTimeout(() => (at === last ? stop() : play(at + 1)), at === last ? 0 : pause(told[at]));
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    playing.textContent = "Play";
  }

  button("first", "First", () => 0);
  button("back", "Back", () => at - 1);
  button("forward", "Forward", () => (at === last ? 0 : at + 1)); // from the end, once more
  button("last", "Last", () => last);
  const slider = make("input", { type: "range", min: 0, max: last, step: 1, "aria-label": name });
  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value));
  });
  const count = make("span", { class: "controls-position", "aria-hidden": "true" });
  row.append(slider, count);

  // The longest sentence, unseen, keeps the place for all: what follows does not jump.
  const longest = told.reduce((a, b) => (b.length > a.length ? b : a), "");
  const words = make("div", { class: "controls-words" });
  const spoken = make("p", { role: "status" });
  words.append(spoken, make("p", { class: "controls-longest", "aria-hidden": "true" }, longest));
  group.append(row, words);
  place.after(group);

  function mark() {
    slider.value = at;
    slider.setAttribute("aria-valuetext", position(at));
    count.textContent = position(at);
    // Not `disabled`: that would take the focus away from whoever has just pressed it.
    for (const [icon, end] of [["first", 0], ["back", 0], ["last", last]]) {
      buttons[icon].setAttribute("aria-disabled", at === end);
    }
  }

  function go(to) {
    at = Math.min(Math.max(to, 0), last);
    show(at);
    mark();
    tell();
  }

  function tell() {
    group.classList.add("used");
    spoken.textContent = told[at];
  }

  show(at);
  mark();
  if (telling) tell();
  addEventListener("beforeprint", () => show(last));
  addEventListener("afterprint", () => show(at));
}
