"""Serves the built pages on this machine: ``python -m press.serving FOLDER PORT``."""

from __future__ import annotations

import contextlib
import errno
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """Hands out files, and the book's own page for what is not there."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        # Its links are those of a page at the top, whatever was asked for.
        text = page.read_text("utf-8").replace("<head>", '<head><base href="/">', 1).encode()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)


def serve(folder: Path, port: int) -> None:
    """Serve a folder until somebody presses Ctrl-C."""
    if not (folder / "index.html").is_file():
        sys.exit(f"expected the book in {folder}, found none: run make book first")
    handler = partial(Handler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        sys.exit(f"port {port} is in use by another program: try make serve PORT={port + 1}")
    print(f"Serving the book at http://127.0.0.1:{port}/ until Ctrl-C", flush=True)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
