// Python, in a thread of its own: `live.mjs` starts it at the first click, and ends it to stop it.

import { boot } from "./boot.mjs";

const ready = boot(["runner.py"], (told) => postMessage(JSON.stringify(told))).then((python) => python.runPython(`
import json
import runner
session = runner.Session()
lambda request, post: session.run(**json.loads(request), post=lambda told: post(json.dumps(told)))
`));

onmessage = async ({ data }) => {
  try {
    const run = await ready;
    run(data, postMessage.bind(self));
  } catch (error) {
    postMessage(JSON.stringify({ kind: "broken", error: String(error).trim().split("\n").at(-1) }));
  }
};
