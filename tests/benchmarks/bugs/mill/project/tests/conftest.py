import datetime
import io
import os
from decimal import Decimal

import pytest

from mill.cli import main
from mill.engine import Runner
from mill.job import load_job
from mill.readers import read_source
from mill.table import Table

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def sales():
    rows = [
        {"id": 1, "shop": "Nord", "item": "lamp", "day": day("2024-01-05"), "qty": 2, "price": Decimal("19.90")},
        {"id": 2, "shop": "Sued", "item": "desk", "day": day("2024-01-20"), "qty": 1, "price": Decimal("249.00")},
        {"id": 3, "shop": "nord", "item": "bulb", "day": day("2024-02-01"), "qty": 30, "price": Decimal("4.50")},
        {"id": 4, "shop": "Sued", "item": "lamp", "day": day("2024-02-11"), "qty": None, "price": Decimal("19.90")},
        {"id": 5, "shop": "West", "item": "lamp", "day": None, "qty": 1, "price": Decimal("18.50")},
    ]
    return Table(rows, name="sales")


@pytest.fixture
def context(sales):
    shops = Table([
        {"shop": "nord", "city": "Kiel", "rent": Decimal(900)},
        {"shop": "sued", "city": "Ulm", "rent": Decimal(1100)},
        {"shop": "ost", "city": "Jena", "rent": Decimal(700)},
    ], name="shops")
    prices = Table([
        {"item": "lamp", "valid_from": day("2024-02-01"), "cost": Decimal(11)},
        {"item": "lamp", "valid_from": day("2024-01-01"), "cost": Decimal(10)},
        {"item": "desk", "valid_from": day("2024-01-01"), "cost": Decimal(150)},
    ], name="prices")
    return {"tables": {"sales": sales, "shops": shops, "prices": prices}, "vars": {"vat": Decimal("0.19")},
            "settings": {"zone": "CET", "today": day("2024-03-01")}}


@pytest.fixture
def read_text():
    def read(text, **spec):
        spec.setdefault("format", "csv")
        return read_source(dict(spec, text=text), ".", "given")
    return read


@pytest.fixture(scope="module")
def orders_run():
    return Runner(load_job(os.path.join(ROOT, "jobs", "orders.toml")), dry=True).run()


@pytest.fixture
def mill():
    """Runs the command line; gives (exit code, output)."""
    def call(*args):
        out = io.StringIO()
        code = main([str(arg) for arg in args], out)
        return code, out.getvalue()
    return call


@pytest.fixture
def job_file(tmp_path):
    def write(text, name="job.toml"):
        folder = tmp_path / "jobs"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)
    return write
