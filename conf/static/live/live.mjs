/* Examples that run where they stand. Each gets a row of buttons: Run (and Stop while it runs),
   Edit, Reset. Python is loaded at the first Run, in a worker; it runs an example after those that
   stand before it, with the changes made there, and what it prints appears under the buttons.
   Changes are kept in the browser; what stands after one is marked until it has been run again.
   All of it is made here, so that a page without script, or without a server, has no dead buttons. */

import { editor } from "./editor.mjs";

/* An element with its attributes; what else is given becomes its content. */
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

const OTHERWISE = " In a browser objects are smaller, and functions such as tanh may round otherwise.";

const LOADING = "Loading Python, once for this page.";
const EARLIER = "An example before this one has been changed: run this one to see what it does now.";
const PAGE = location.pathname;
const TOUCHED = matchMedia("(hover: none)").matches; // no keyboard, no keys to tell of

/* Changes made on this page, kept by the browser if it keeps anything for pages of this place. */
const kept = {
  name: (number) => `example ${number} of ${PAGE}`,
  load(number, original) {
    try {
      const { of, text } = JSON.parse(localStorage.getItem(this.name(number)) ?? "{}");
      return of === original ? text : null; // of an example that the book has changed, nothing
    } catch {
      return null;
    }
  },
  save(number, original, text) {
    try {
      if (text === original) localStorage.removeItem(this.name(number));
      else localStorage.setItem(this.name(number), JSON.stringify({ of: original, text }));
    } catch { /* full, or not allowed: the change lasts as long as the page */ }
  },
};

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/* The code of an example as the page shows it: without prompts and outputs. */
function code(shown) {
  const lines = [];
  let inside = false;
  for (const line of shown.split("\n")) {
    inside = /^>>>( |$)/.test(line) || (inside && /^\.\.\.( |$)/.test(line));
    if (inside) lines.push(line.slice(4));
  }
  return lines.join("\n");
}

/* Python runs one example at a time; others wait. To stop it is to end its worker. */
const python = {
  worker: null,
  queue: [],

  run(example) {
    this.queue.push(example);
    if (this.queue.length === 1) this.next();
    else example.say("Waiting for another example on this page.");
  },

  next() {
    if (!this.queue.length) return;
    if (!this.worker) {
      this.worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
      this.worker.onmessage = ({ data }) => this.hear(JSON.parse(data));
      this.worker.onerror = ({ message }) => this.hear({ kind: "broken", error: message ?? "it did not load" });
      this.queue[0].say(LOADING);
    }
    this.worker.postMessage(JSON.stringify(this.queue[0].request()));
  },

  hear(told) {
    this.queue[0].hear(told);
    if (told.kind === "broken") this.end();
    if (told.kind === "broken" || told.kind === "end") {
      this.queue.shift();
      this.next();
    }
  },

  stop(example) {
    const place = this.queue.indexOf(example);
    if (place === 0) this.end();
    this.queue.splice(place, 1);
    example.finish("Stopped.");
    if (place === 0) this.next();
  },

  end() {
    this.worker.terminate();
    this.worker = null;
  },
};

class Example {
  constructor(place, number, all) {
    this.place = place;
    this.all = all;
    this.number = number;
    this.shown = place.querySelector("pre").textContent;
    this.printed = place.dataset.test ?? this.shown;
    this.want = place.dataset.want ?? null; // of a cell: all that it prints
    this.text = this.original = this.want === null ? code(this.shown) : this.shown.trimEnd();
    this.counts = null; // the change that later examples see
    const bar = make("div", { class: "runnable-bar" });
    place.append(bar);
    if (place.dataset.lacks) {
      bar.append(`Runs only outside a browser: it needs ${place.dataset.lacks}.`);
      return;
    }
    const button = (name, action) => {
      const element = make("button", { type: "button", "aria-label": `${name} example ${number}` }, name);
      element.addEventListener("click", action);
      bar.append(element);
      return element;
    };
    this.runButton = button("Run", () => (this.running ? python.stop(this) : this.run()));
    this.editButton = button("Edit", () => this.edit());
    this.resetButton = button("Reset", () => this.reset());
    this.resetButton.hidden = true;
    this.status = make("span", { class: "runnable-status", role: "status" });
    bar.append(this.status);
    this.output = make("div", { class: "runnable-output", "aria-live": "polite", role: "group", "aria-label": `Output of example ${number}` });
    this.output.hidden = true;
    place.append(this.output);
    this.seen = this.beginning; // what stood before it when it was printed, or run last
    this.restored = kept.load(number, this.original);
  }

  /* What stands in the examples before it. */
  get beginning() {
    return JSON.stringify(this.before.map((other) => other.text));
  }

  /* Whether what is shown of it belongs to other examples than those that now stand before it. */
  weigh() {
    if (!this.runButton) return;
    const stale = !this.running && this.seen !== this.beginning;
    this.place.classList.toggle("is-stale", stale);
    if (stale) this.say(EARLIER);
    else if (this.status.textContent === EARLIER) this.say("");
  }

  /* The examples of the same group that stand before this one. */
  get before() {
    return this.all.slice(0, this.number - 1).filter((other) => other.group === this.group);
  }

  get group() {
    return this.place.dataset.group;
  }

  /* What is run: `edited` is null if it is as printed. */
  block(edited) {
    const flags = this.place.dataset.flags ?? "";
    return { number: this.number, printed: this.printed, edited, want: this.want, flags };
  }

  /* A change counts for later examples once it has run to its end. */
  request() {
    this.sent = this.text === this.original ? null : this.text;
    const before = this.before.map((other) => other.block(other.counts));
    return { group: this.group, before, block: this.block(this.sent) };
  }

  say(words) {
    this.status.textContent = words;
  }

  run() {
    this.running = true;
    this.good = false;
    this.seen = this.beginning;
    this.place.classList.remove("is-stale");
    this.results = { outputs: 0, compared: 0, different: 0, failed: false };
    this.notes = [];
    this.counts = null;
    this.output.replaceChildren();
    this.output.hidden = false;
    this.output.setAttribute("aria-busy", "true");
    this.partial = null;
    this.name(this.runButton, "Stop");
    this.resetButton.hidden = false;
    this.place.classList.add("is-running");
    python.run(this);
  }

  hear(told) {
    if (told.kind === "loading") this.say(`${LOADING} ${Math.floor(100 * told.share)} % of ${(told.size / 1e6).toFixed(1)} MB.`);
    if (told.kind === "replay") this.say(`Running what stands before: ${told.number} of ${told.of}.`);
    if (told.kind === "trouble") this.notes.push(`An example before this one ended with ${told.error}.`);
    if (told.kind === "running") this.say("Running.");
    if (told.kind === "partial") this.show(told, true);
    if (told.kind === "result") this.result(told);
    if (told.kind === "broken") this.finish(`Python broke down: ${told.error}. The next run starts it anew.`);
    if (told.kind === "end") {
      this.counts = this.sent;
      this.finish(this.verdict(told.python));
    }
  }

  result(told) {
    if (told.want !== null) this.results.compared += 1;
    if (told.same === false) this.results.different += 1;
    if (told.failed) this.results.failed = true;
    if (told.output || told.pictures?.length || told.same === false) {
      this.results.outputs += 1;
      this.show(told, false);
    }
  }

  /* What one statement printed; while it still runs, what it printed so far. */
  show({ source, output, want, same, failed, pictures = [] }, partial) {
    const [first, ...more] = source.split("\n");
    const piece = make("div", { class: "runnable-piece" });
    if (source) piece.append(make("code", { class: "runnable-source" }, `>>> ${first}${more.length ? " …" : ""}`));
    if (output) piece.append(make("pre", failed ? { class: "is-failed" } : {}, output.trimEnd()));
    for (const picture of pictures) {
      const svg = new DOMParser().parseFromString(picture, "image/svg+xml").documentElement;
      piece.append(make("div", { class: "runnable-picture" }, document.importNode(svg, true)));
    }
    if (same === false) {
      piece.classList.add("is-different");
      piece.append(make("p", {}, want ? "This differs from the page, which prints:" : "This differs from the page, which prints nothing."));
      if (want) piece.append(make("pre", {}, want.trimEnd()));
    }
    if (this.partial) this.partial.replaceWith(piece);
    else this.output.append(piece);
    this.partial = partial ? piece : null;
  }

  verdict(version) {
    const { outputs, compared, different, failed } = this.results;
    this.good = !failed && !different && this.sent === null;
    if (failed) return "It ended with an error.";
    if (different) return `${plural(different, "output")} of ${compared} not as printed.${this.sent === null ? OTHERWISE : ""}`;
    if (this.sent !== null) return outputs ? "It ran." : "It ran and printed nothing.";
    return outputs ? `As printed, in Python ${version}.` : "It ran and printed nothing, as on the page.";
  }

  finish(words) {
    const notes = this.results.different || this.results.failed ? this.notes : [];
    this.running = false;
    this.name(this.runButton, "Run");
    this.output.removeAttribute("aria-busy");
    this.output.hidden = !this.output.hasChildNodes();
    this.place.classList.remove("is-running");
    this.say([words, ...notes].join(" "));
    weigh();
    all.tell();
  }

  name(button, name) {
    button.textContent = name;
    button.setAttribute("aria-label", `${name} example ${this.number}`);
  }

  edit() {
    const field = this.open(this.text);
    field.focus({ preventScroll: true });
    field.setSelectionRange(0, 0);
    field.scrollLeft = 0;
  }

  /* The field for changes, with some text in it. */
  open(text) {
    const hint = make("p", { class: "runnable-hint", id: `runnable-hint-${this.number}` }, `${TOUCHED ? "" : "Ctrl+Enter runs it, Escape leaves the field. "}Your changes are kept in this browser.`);
    const named = { "aria-label": `Code of example ${this.number}`, "aria-describedby": hint.id };
    const { place, field } = editor(text, named, (now) => this.change(now), (event) => this.key(event, field));
    this.text = text;
    this.editor = make("div", { class: "runnable-editor" }, place, hint);
    this.place.prepend(this.editor);
    this.place.classList.add("is-edited");
    this.editButton.hidden = true;
    this.resetButton.hidden = false;
    return field;
  }

  /* A change that was kept when the page was last open. */
  restore() {
    if (this.restored == null) return;
    this.open(this.restored);
    this.say("Your change from before. Reset brings the example back.");
    weigh();
  }

  change(text) {
    this.text = text;
    kept.save(this.number, this.original, text);
    weigh();
  }

  key(event, field) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!this.running) this.run();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.text === this.original) this.close();
      else this.runButton.focus();
    } else if (event.key === "Enter" && !event.isComposing) {
      const line = field.value.slice(0, field.selectionStart).split("\n").at(-1);
      const indent = line.match(/^ */)[0] + (/:\s*$/.test(line) ? "    " : "");
      if (!indent) return;
      event.preventDefault();
      field.setRangeText(`\n${indent}`, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input"));
    }
  }

  /* Put the example as printed in the place of the field. */
  close() {
    this.editor?.remove();
    this.editor = null;
    this.change(this.original);
    this.place.classList.remove("is-edited");
    this.editButton.hidden = false;
    this.resetButton.hidden = !this.status.textContent;
    this.editButton.focus();
  }

  reset() {
    if (this.running) python.stop(this);
    this.output.replaceChildren();
    this.output.hidden = true;
    this.say("");
    this.counts = null;
    this.seen = JSON.stringify(this.before.map((other) => other.original));
    this.close();
  }
}

const examples = [];
for (const [index, place] of document.querySelectorAll("div.runnable").entries()) {
  examples.push(new Example(place, index + 1, examples));
}

const weigh = () => examples.forEach((example) => example.weigh());

/* One button for all examples of the page, and what the page as a whole has to say of them. */
const all = {
  waiting: [],

  build() {
    const able = examples.filter((example) => example.runButton);
    const lack = examples.filter((example) => example.place.dataset.lacks);
    const needed = [...new Set(lack.flatMap((example) => example.place.dataset.lacks.split(", ")))].sort().join(", ");
    this.bar = make("div", { class: "runnable-bar runnable-all" });
    this.status = make("span", { class: "runnable-status", role: "status" });
    if (able.length > 1) {
      this.button = make("button", { type: "button" }, "Run all examples");
      this.button.addEventListener("click", () => (this.waiting.length ? this.stop() : this.run()));
      this.bar.append(this.button);
    }
    if (lack.length) {
      const which = able.length ? `${lack.length} of ${plural(examples.length, "example")}` : "The examples of this page";
      const run = lack.length === 1 && able.length ? "runs" : "run";
      this.bar.append(make("span", {}, `${which} ${run} only outside a browser, with ${needed}.`));
    }
    this.bar.append(this.status);
    if (this.bar.childElementCount > 1) document.querySelector("h1")?.after(this.bar);
  },

  /* Those in a closed fold, such as a solution, are left for the reader to open. */
  run() {
    this.waiting = examples.filter((example) => example.runButton && !example.running && !example.place.closest("details:not([open])"));
    this.ran = [...this.waiting];
    if (this.waiting.length) this.button.textContent = "Stop";
    for (const example of this.ran) example.run();
  },

  stop() {
    for (const example of [...this.waiting].reverse()) if (example.running) python.stop(example);
  },

  tell() {
    if (!this.waiting.length) return;
    this.waiting = this.waiting.filter((example) => example.running);
    const done = this.ran.length - this.waiting.length;
    const good = this.ran.filter((example) => !example.running && example.good).length;
    this.status.textContent = this.waiting.length
      ? `${done} of ${this.ran.length} have run.`
      : `${good} of ${this.ran.length} as printed.`;
    if (!this.waiting.length) this.button.textContent = "Run all examples";
  },
};

if (examples.length) all.build();
for (const example of examples) example.restore();
// The bars have moved what the address points to.
if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
