// Python, in a thread of its own: `live.mjs` starts it at the first click, and ends it to stop it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const beside = (name) => fetch(new URL(name, import.meta.url), { cache: "no-cache" }).then((answer) => {
  if (answer.ok) return answer;
  throw new Error(`expected ${name} beside the page's script, got ${answer.status}`);
});

async function start() {
  const [python, runner, archive] = await Promise.all([
    loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href }),
    beside("runner.py").then((answer) => answer.text()),
    beside("micrograd.zip").then((answer) => answer.arrayBuffer()),
  ]);
  python.FS.mkdirTree("/book");
  python.unpackArchive(archive, "zip", { extractDir: "/book" });
  python.FS.writeFile("/book/runner.py", runner);
  return python.runPython(`
import json, os, sys
os.chdir("/book")
sys.path.insert(0, "/book")
import runner
session = runner.Session()
lambda request, post: session.run(**json.loads(request), post=lambda told: post(json.dumps(told)))
`);
}

const ready = start();

onmessage = async ({ data }) => {
  try {
    const run = await ready;
    run(data, postMessage.bind(self));
  } catch (error) {
    postMessage(JSON.stringify({ kind: "broken", error: String(error).trim().split("\n").at(-1) }));
  }
};
