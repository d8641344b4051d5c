"""Records anew what real programs print: ``python -m tests.parsing.recorders.record [FAMILY ...] [--only CASE]``.

Every case runs in a folder of its own, with a virtual environment that holds exactly its packages. In the recording,
the folder is ``/home/ada/shop``, and addresses are all the same.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from tests.parsing.recorders import FAMILIES, cases
from tests.parsing.recorders.base import RECORDED, Case

HOME = b"/home/ada/shop"
_NOT_FOUND = 127
"""The shell's status for a command that does not exist."""


def main() -> None:
    """Record the chosen families."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"of {', '.join(FAMILIES)}; all by default")
    parser.add_argument("--only", metavar="CASE", help="record this case only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:
        for family in options.families or FAMILIES:
            (RECORDED / family).mkdir(parents=True, exist_ok=True)
            for case in cases(family):
                if options.only in (None, case.name):
                    (RECORDED / family / f"{case.name}.txt").write_bytes(record(case, Path(folder)))
                    print(f"{family}/{case.name}")


def record(case: Case, folder: Path) -> bytes:
    """What the case prints."""
    environment = _environment(case.packages, folder)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        project = Path(place, "shop")
        project.mkdir()
        for name, text in case.files.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["sh", "-c", case.command],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_variables(environment, case, place),
            timeout=300,
            check=False,
        )
        if done.returncode == _NOT_FOUND:
            raise SystemExit(f"{case.name}: a tool is missing: {done.stdout.decode(errors='replace')[-500:]}")
        output = done.stdout.replace(os.fsencode(project), HOME).replace(os.fsencode(place), b"/home/ada")
    return _anonymous(output, environment)


def _environment(packages: tuple[str, ...], folder: Path) -> Path:
    """A virtual environment with these packages; made once for all cases that want the same."""
    names = "-".join(re.sub(r"\W+", "_", package) for package in sorted(packages)) or "bare"
    place = folder / f"venv-{names[:80]}-{abs(hash(packages)) % 1000}"
    if not place.exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        if packages:
            pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *packages], check=True)
    return place


def _variables(environment: Path, case: Case, home: str) -> dict[str, str]:
    return {
        "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TERM": "dumb",
        # The toolchains that rustup installed are found there.
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
        **case.environment,
    }


def _anonymous(output: bytes, environment: Path) -> bytes:
    version = b"python%d.%d" % sys.version_info[:2]
    output = output.replace(os.fsencode(environment), HOME + b"/.venv")
    output = output.replace(os.fsencode(sysconfig.get_path("stdlib")), b"/usr/lib/" + version)
    output = output.replace(os.fsencode(sys.base_prefix), b"/usr")
    return re.sub(rb"0x[0-9a-f]{8,}", b"0x7f0000000000", output)


if __name__ == "__main__":
    main()
