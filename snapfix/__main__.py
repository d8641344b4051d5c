"""``python -m snapfix``, and the ``snapfix`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and end the process with its status."""
    try:
        from snapfix.cli.main import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the command line itself was still being loaded
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # `python -m` puts the working directory first: a `random.py` of the user's would be run by whoever imports it.
        del sys.path[0]
    main()
