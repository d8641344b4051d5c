"""``python -m tests.picture``: draw ``.github/terminal.svg`` anew, from a real run on a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
TARGET = ROOT / ".github" / "terminal.svg"
WIDTH, HEIGHT = 96, 60
FILES = {
    "report.py": (
        "from shop.config import load_config\n\n\n"
        "def report(path):\n"
        "    config = load_config(path)\n"
        "    return f\"{config['title']}: {len(config['rows'])} rows\"\n\n\n"
        'print(report("report.toml"))\n'
    ),
    "report.toml": 'title = "Sales"\nrows = [1, 2]\n',
    "shop/__init__.py": "",
    "shop/config.py": (
        "import tomllib\n\n\n"
        "def load_config(path):\n"
        "    with open(path, 'rb') as file:\n"
        "        config = tomllib.load(file)\n"
        "    config.setdefault('rows', [])\n"
    ),
}


def main() -> None:
    """Crash for real, pipe it into the real command, and draw what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        command = f"{sys.executable} report.py 2>&1 | {sys.executable} -m snapfix"
        written = run_on_terminal(["bash", "-c", command], folder)
    text = written.replace("\r\n", "\n").replace(folder + "/", "")
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    console.print(Text.from_ansi("$ python report.py 2>&1 | snapfix\n" + text.rstrip()))
    svg = console.export_svg(title="snapfix", unique_id="snapfix")
    # Fonts are left to the viewer's machine: a picture must not load anything from elsewhere.
    TARGET.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))
    print(f"wrote {TARGET.relative_to(ROOT)}")


def run_on_terminal(argv: list[str], folder: str) -> str:
    """Everything that a command writes to a terminal of the picture's size."""
    parent, child = pty.openpty()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
        "COLUMNS": str(WIDTH),
        "LINES": str(HEIGHT),
        "OLLAMA_HOST": "http://127.0.0.1:9",
    }
    process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=child, stderr=child, env=env)
    os.close(child)
    written = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not chunk:
            break
        written += chunk
    process.wait()
    os.close(parent)
    return written.decode()


if __name__ == "__main__":
    main()
