/* The field in which an example is changed: a textarea over the same text in colours. */

const WORDS = "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield";
const KINDS = [ // of Pygments, whose colours the page has
  ["c1", "#[^\\n]*"],
  ["s2", "[rbfuRBFU]{0,2}(?:\"\"\"[^]*?(?:\"\"\"|$)|'''[^]*?(?:'''|$)|\"(?:\\\\.|[^\"\\\\\\n])*\"?|'(?:\\\\.|[^'\\\\\\n])*'?)"],
  ["nd", "(?<=^\\s*)@[\\w.]+"],
  ["mi", "\\b(?:0[xX][\\da-fA-F_]+|\\d[\\d_]*\\.?[\\d_]*(?:[eE][+-]?\\d+)?|\\.\\d+)\\b"],
  ["kc", "\\b(?:True|False|None)\\b"],
  ["k", `\\b(?:${WORDS.replaceAll(" ", "|")})\\b`],
];
const TOKEN = new RegExp(KINDS.map(([kind, pattern]) => `(?<${kind}>${pattern})`).join("|"), "gm");

/* Some Python, as text and coloured spans. */
export function coloured(text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [kind] = KINDS.find(([name]) => found.groups[name] !== undefined);
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = found[0];
    pieces.push(text.slice(end, found.index), span);
    end = found.index + found[0].length;
  }
  return [...pieces, text.slice(end)];
}

/* An editor with a text; `changed` and `pressed` are called with its field's events. */
export function editor(text, attributes, changed, pressed) {
  const field = document.createElement("textarea");
  const given = { spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", ...attributes };
  for (const [name, value] of Object.entries(given)) field.setAttribute(name, value);
  field.value = text;
  const behind = document.createElement("pre");
  behind.setAttribute("aria-hidden", "true");
  const place = document.createElement("div");
  place.className = "runnable-field highlight";
  place.append(behind, field);
  const fit = () => {
    behind.replaceChildren(...coloured(field.value), "\n ");
    field.setAttribute("rows", field.value.split("\n").length + 1);
  };
  fit();
  field.addEventListener("input", (event) => {
    fit();
    changed(field.value, event);
  });
  field.addEventListener("scroll", () => {
    behind.scrollLeft = field.scrollLeft;
    behind.scrollTop = field.scrollTop;
  });
  field.addEventListener("keydown", (event) => pressed(event, field));
  return { place, field };
}
