import io
from pathlib import Path

import pytest

from quill import Engine
from quill.cli import Shell

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture
def engine():
    made = Engine()
    made.catalog.add_directory(str(DATA))
    return made


@pytest.fixture
def plain():
    """An engine that does not rewrite."""
    made = Engine(optimising=False)
    made.catalog.add_directory(str(DATA))
    return made


@pytest.fixture
def small():
    made = Engine()
    made.table("points", [
        {"label": "a", "x": 1, "y": 2.5},
        {"label": "b", "x": 3, "y": None},
        {"label": None, "x": 2, "y": 0.5},
        {"label": "a", "x": 5, "y": 4.0},
    ])
    return made


@pytest.fixture
def shell(engine):
    return Shell(engine, io.StringIO())


@pytest.fixture
def write_csv(tmp_path):
    def write(text, name="input.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)
    return write
