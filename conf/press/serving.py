"""Serves the built pages on this machine: ``python -m press.serving FOLDER PORT``."""

from __future__ import annotations

import contextlib
import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def serve(folder: Path, port: int) -> None:
    """Serve a folder until somebody presses Ctrl-C."""
    if not (folder / "index.html").is_file():
        sys.exit(f"expected the book in {folder}, found none: run make book first")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
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
