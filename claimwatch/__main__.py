"""Where the command begins: first that our packages are ours, then the command line.

`storage` or `domain` are names that another distribution, or a folder beside the reader, may have too; what would
follow then is an error that nobody understands.
"""

from __future__ import annotations

import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

OURS = ("domain", "outbound", "monitor", "storage", "notifications")
HOME = Path(__file__).resolve().parents[1]


def stand_ins(names: tuple[str, ...] = OURS, home: Path = HOME) -> tuple[str, ...]:
    """A sentence for each of our packages that would be imported from elsewhere than beside this one."""
    found = []
    for name in names:
        spec = find_spec(name)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or ())] if spec else []
        if home / name not in places[:1]:
            where = places[0] if places else "nowhere"
            found.append(f"the package {name!r} comes from {where}, not from Claimwatch in {home}")
    return tuple(found)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    """Run the command, or name what stands in for a package of ours and stop with exit code 2."""
    if sys.argv[1:2] == ["watch"]:
        # Until the service listens for it itself, nothing is under way that would have to end first.
        signal.signal(signal.SIGTERM, _end)
    foreign = stand_ins()
    if foreign:
        sys.stderr.write("".join(f"claimwatch: {sentence}\n" for sentence in foreign))
        sys.exit(2)
    from claimwatch.cli import main as run

    run()


if __name__ == "__main__":
    main()
