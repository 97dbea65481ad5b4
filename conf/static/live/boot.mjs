// Python for a worker: loaded, with the book's package beside it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const beside = (name) => fetch(new URL(name, import.meta.url), { cache: "no-cache" }).then((answer) => {
  if (answer.ok) return answer;
  throw new Error(`expected ${name} beside the page's script, got ${answer.status}`);
});

const LARGE = ["pyodide.asm.wasm", "python_stdlib.zip", "pyodide.asm.js"];

/* Fetch what is large of Python, which the browser keeps, and tell how much of it has come. */
async function fetched(tell) {
  const answers = await Promise.all(LARGE.map((name) => fetch(new URL(`pyodide/${name}`, import.meta.url))));
  const size = answers.reduce((sum, answer) => sum + Number(answer.headers.get("Content-Length")), 0);
  let come = 0;
  await Promise.all(answers.map(async ({ body }) => {
    const reader = body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      come += part.value.length;
      tell({ kind: "loading", share: Math.min(1, come / size), size });
    }
  }));
}

/* Python with the package in it, and some of the scripts beside this one as modules of Python;
   `tell` hears how its loading goes. */
export async function boot(scripts, tell = () => {}) {
  await fetched(tell);
  const [python, archive, ...texts] = await Promise.all([
    loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href }),
    beside("micrograd.zip").then((answer) => answer.arrayBuffer()),
    ...scripts.map((name) => beside(name).then((answer) => answer.text())),
  ]);
  python.FS.mkdirTree("/book");
  python.unpackArchive(archive, "zip", { extractDir: "/book" });
  scripts.forEach((name, i) => python.FS.writeFile(`/book/${name}`, texts[i]));
  python.runPython(`import os, sys; os.chdir("/book"); sys.path.insert(0, "/book")`);
  return python;
}
