"""``python -m micrograd.workbench``: see :func:`micrograd.workbench.main`."""

import sys

from micrograd.workbench import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
