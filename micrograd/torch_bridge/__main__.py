"""``python -m micrograd.torch_bridge train``, also after ``torchrun -m``: see ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from micrograd.torch_bridge.processes import train

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the arguments say; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m micrograd.torch_bridge")
    parser.add_argument("command", choices=["train"])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=32, help="names of a step, of all processes")
    parser.add_argument("--width", type=int, default=32, help="of the model's rows of numbers")
    parser.add_argument("--layers", type=int, default=2, help="blocks of the model")
    parser.add_argument("--accumulate", type=int, default=1, help="parts of a process's share")
    parser.add_argument("--checkpoint", help="a file to go on from, and to write")
    given = vars(parser.parse_args(arguments))
    given.pop("command")
    try:
        train(given.pop("steps"), **given)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
