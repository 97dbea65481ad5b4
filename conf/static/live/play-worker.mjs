// Trains for the playground, in a thread of its own, so that the page never waits for it.

import { boot } from "./boot.mjs";

const SLICE = 60; // milliseconds of work between two looks at what the page wants

const tell = (told) => postMessage(JSON.stringify(told));

const ready = boot(["play.py"], tell).then((python) => python.runPython(`
import json
import play

class Server:
    def begin(self, settings, points):
        self.run = play.Play(json.loads(settings), [((x, y), 1.0 if side else -1.0) for x, y, side in json.loads(points)])
        held = [[*x, int(side > 0.0)] for x, side in self.run.held_out]
        return json.dumps({"points": self.run.points(), "held": held, "state": self.run.state(),
                           "code": play.code(self.run.settings, [(x, side) for x, side in self.run.data])})

    def step(self):
        self.run.step()

    def state(self):
        return json.dumps(self.run.state()).replace("NaN", "null").replace("Infinity", "null")

Server()
`));

let left = 0; // steps to go
let busy = false;

async function work() {
  busy = true;
  const server = await ready;
  while (left > 0) {
    const until = performance.now() + SLICE;
    do {
      server.step();
      left -= 1;
    } while (left > 0 && performance.now() < until);
    tell({ kind: "states", states: [JSON.parse(server.state())], done: left <= 0 });
    await new Promise((next) => setTimeout(next));
  }
  busy = false;
}

onmessage = async ({ data }) => {
  const { kind, settings, points, count } = JSON.parse(data);
  try {
    if (kind === "begin") {
      left = 0;
      const server = await ready;
      tell({ kind: "begun", ...JSON.parse(server.begin(JSON.stringify(settings), JSON.stringify(points))) });
    }
    if (kind === "go") {
      left = count ?? Infinity;
      if (!busy) await work();
    }
    if (kind === "pause") left = 0;
  } catch (error) {
    left = 0;
    busy = false;
    tell({ kind: "trouble", error: String(error).trim().split("\n").at(-1) });
  }
};
