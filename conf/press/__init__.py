"""The press: Sphinx extensions that turn the chapters into pages, and the tools that go with them.

Each module is one extension or one tool; what several extensions need is in :mod:`press.common`,
and what decides whether something has to be made again in :mod:`press.changes`.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "micrograd"
STATIC = ROOT / "conf" / "static"
