// The page's side of the engine that trains in `play-worker.mjs`.

export class Engine {
  constructor() {
    this.worker = new Worker(new URL("play-worker.mjs", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(JSON.parse(data));
    this.worker.onerror = ({ message }) => this.hear({ kind: "trouble", error: message ?? "Python did not load" });
  }

  hear() {}

  send(told) {
    this.worker.postMessage(JSON.stringify(told));
  }

  begin(settings, points) {
    this.send({ kind: "begin", settings, points });
  }

  go(count) {
    this.send({ kind: "go", count: Number.isFinite(count) ? count : null });
  }

  pause() {
    this.send({ kind: "pause" });
  }

  end() {
    this.worker.terminate();
  }
}
