"""``snapfix --version``, which also notices the unrelated project of the same name."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from snapfix import __version__
from snapfix.render.messages import write_lines


def show() -> None:
    """Print the version; warn where another distribution may own the ``snapfix`` package and command."""
    sys.stdout.write(f"snapfix {__version__} (Python {sys.version.split()[0]})\n")
    try:
        other = version("snapfix")
    except PackageNotFoundError:
        return
    write_lines(
        sys.stderr,
        [
            f"note[name-clash]: the unrelated distribution `snapfix` {other} is installed beside `snapfix-cli`;"
            " both own the package and the command `snapfix`",
            "hint: `pip uninstall snapfix snapfix-cli`, then `pip install snapfix-cli`",
        ],
    )
