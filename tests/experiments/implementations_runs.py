"""Do implementations unlike ours ever fail? Each is checked many times, with other seeds.

Whatever an implementation draws comes from a generator of its own, which the seeds that the checks
set do not reach, and every run is in a process of its own. Run it by

    python tests/experiments/implementations_runs.py 50
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from micrograd.workbench import check_workbench

IMPLEMENTATIONS = sorted(Path(__file__, "..", "..", "implementations").resolve().glob("*.py"))


def with_seed(source: str, seed: int) -> str:
    """An implementation that draws from generators of its own, begun with a seed."""
    own = f"import random as _random\nrandom = _random.Random({seed})\n"
    source = source.replace("np.random.default_rng()", "DICE")
    dice = f"import numpy as np\nDICE = np.random.default_rng({seed})\n"
    source = source.replace("import numpy as np\n", dice)
    return source.replace("import random\n", own)


def failures(file: Path, seed: int) -> list[str]:
    """The checks of all milestones that an implementation fails."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "engine.py").write_text(with_seed(file.read_text("utf-8"), seed), "utf-8")
        results = list(check_workbench(Path(folder), limit=100.0, every=True))
    return [f"{x.check.title}: {x.came}" for result in results for x in result.failures]


def main(count: int) -> None:
    """Run each ``count`` times, and print how often it passed and what failed."""
    for file in IMPLEMENTATIONS:
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(lambda seed, file=file: failures(file, seed), range(count)))
        print(f"{file.stem:20} {sum(not failed for failed in told)} of {count} runs pass")
        for failed in sorted({line for lines in told for line in lines}):
            print(f"  {failed}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
