from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from snapfix.crash import CrashContext, Frame
from snapfix.source import with_pieces
from tests.source.crashing import collected, crashed, write

SITE = f".venv/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
PAYMENTS = '''
import functools


def lenient(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def charge(amount: int, currency="EUR", *, card: str | None = None) -> dict[str, int]:
    """Charge a card.

    Money is moved at once; this paragraph says much that is of no use here.

    :param amount: in cents
    :param card: its number;
        None asks for it

    :raises ValueError: the amount is negative

    Examples::

        charge(100)
    """
    return _checked(amount)


@lenient
def refund(amount, /, reason="none"):
    """Give money back."""
    return _checked(amount)


def _checked(amount):
    """Not what was called."""
    if amount < 0:
        raise ValueError("negative")
    return {"amount": amount}


class Account:
    """An account.

    Parameters
    ----------
    owner : str
        Whose it is.

    Raises
    ------
    ValueError
        The balance is negative.

    Notes
    -----
    Nothing of use.
    """

    def __init__(self, owner, balance=0):
        self.balance = _checked(balance)

    async def close(self): ...


def book(entries, strict=True):
    """Book all entries.

    Args:
        entries: pairs of account and amount,
            in this order.
        strict: refuse what is odd.

    Returns:
        How many.

    Raises:
        ValueError: an amount is negative.
    """
    return [_checked(entry) for entry in entries]
'''


def project(tmp_path: Path, call: str, packages: Path | None = None) -> Path:
    """A project whose program calls the library, which is installed in its own environment or in ``packages``."""
    root = tmp_path / "shop"
    site = packages or root / SITE
    write(site, {"payments/__init__.py": "", "payments/api.py": PAYMENTS, "payments-2.1.dist-info/METADATA": ""})
    write(root, {
        "pyproject.toml": "",
        ".venv/pyvenv.cfg": "home = /usr/bin",
        "app.py": f"""
            import sys

            sys.path.insert(0, {str(site)!r})

            from payments.api import *


            def main():
                {call}


            main()
            """,
    })  # fmt: skip
    return root


def context(root: Path, **options: str) -> CrashContext:
    return with_pieces(crashed(root, "app.py", **options), clock=lambda: 0.0)


def test_shows_signature_and_docstring_of_what_the_users_code_called(tmp_path: Path) -> None:
    made = context(project(tmp_path, "charge(-5)"))
    assert made.library == "\n".join([
        "# payments/api.py",
        "def charge(amount: int, currency='EUR', *, card: str | None=None) -> dict[str, int]:",
        '    """Charge a card.',
        "",
        "    :param amount: in cents",
        "    :param card: its number;",
        "        None asks for it",
        "    :raises ValueError: the amount is negative",
        '    """',
        "    ...",
    ])  # fmt: skip
    assert made.environment.packages == (("payments", "2.1"),)


def test_what_is_called_through_a_wrapper_is_what_it_wraps(tmp_path: Path) -> None:
    made = context(project(tmp_path, "refund(-5)"))
    assert made.library == (
        '# payments/api.py\ndef refund(amount, /, reason=\'none\'):\n    """Give money back."""\n    ...'
    )


def test_a_constructor_is_shown_with_its_class(tmp_path: Path) -> None:
    shown = context(project(tmp_path, "Account('ada', -1)")).library.split("\n")
    assert shown[1:4] == ["class Account:", "    def __init__(self, owner, balance=0):", '        """An account.']
    assert [line.strip() for line in shown[5:-2]] == [
        "Parameters",
        "owner : str",
        "Whose it is.",
        "Raises",
        "ValueError",
        "The balance is negative.",
    ]


def test_of_a_long_docstring_what_is_raised_stays(tmp_path: Path) -> None:
    assert "        strict: refuse what is odd.\n    Raises:\n        ValueError: an amount" in (
        context(project(tmp_path, "book([-1])")).library
    )
    long = PAYMENTS.replace("        strict: refuse what is odd.\n", "        more: x\n" * 40)
    root = project(tmp_path, "book([-1])")
    write(root / SITE, {"payments/api.py": long})
    shown = context(root).library
    assert "        more: x\n    ...\n    Raises:\n        ValueError: an amount is negative." in shown
    assert len(shown.split("\n")) <= 20


@pytest.mark.parametrize("call", ["int('x')", "import json; json.loads('x')", "charge(1)['x']"])
def test_shows_nothing_where_the_crash_does_not_end_in_a_library(tmp_path: Path, call: str) -> None:
    assert context(project(tmp_path, call)).library == ""


# -- which folders may be read ---------------------------------------------------------------------------------


def elsewhere(tmp_path: Path) -> Path:
    """The packages of an environment outside the project."""
    write(tmp_path / "envs/shop", {"pyvenv.cfg": "home = /usr/bin"})
    return tmp_path / "envs/shop" / SITE.removeprefix(".venv/")


def test_a_folder_that_only_the_traceback_names_is_not_read(tmp_path: Path) -> None:
    made = context(project(tmp_path, "charge(-5)", elsewhere(tmp_path)))
    assert made.environment.site_packages == (str(elsewhere(tmp_path)),)
    assert made.environment.readable_packages == ()
    assert made.library == ""
    assert made.environment.packages == (("payments", "2.1"),), "names are no secret"


def test_the_environment_that_is_active_in_the_shell_is_read(tmp_path: Path) -> None:
    root = project(tmp_path, "charge(-5)", elsewhere(tmp_path))
    assert "def charge(" in context(root, active_environment=str(tmp_path / "envs/shop")).library


def test_a_folder_that_is_called_active_but_is_no_environment_is_not_read(tmp_path: Path) -> None:
    root = project(tmp_path, "charge(-5)", elsewhere(tmp_path))
    assert context(root, active_environment=str(tmp_path)).library == ""


def test_the_packages_of_the_shells_interpreter_are_read(tmp_path: Path) -> None:
    site = elsewhere(tmp_path)
    root = project(tmp_path, "charge(-5)", site)
    made = with_pieces(crashed(root, "app.py", interpreter_site_packages=(str(site),)), clock=lambda: 0.0)
    assert "def charge(" in made.library


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege")
def test_a_link_out_of_the_packages_is_not_followed(tmp_path: Path) -> None:
    root = project(tmp_path, "charge(-5)")
    module = root / SITE / "payments/api.py"
    module.rename(tmp_path / "private.py")
    module.symlink_to(tmp_path / "private.py")
    assert context(root).library == ""


@pytest.mark.parametrize(
    "name", ["../../../../../private.py", "payments/../../../../../../private.py", "payments/api.txt", "payments"]
)
def test_a_path_that_climbs_out_or_is_no_module_is_not_read(tmp_path: Path, name: str) -> None:
    root = project(tmp_path, "pass")
    write(tmp_path, {"private.py": "def charge(secret): ..."})
    (root / SITE / "payments/api.txt").write_text(PAYMENTS)
    app = Frame(str(root / "app.py"), 9, "main", "charge(-5)")
    library = Frame(os.path.join(root, SITE, name), 1, "charge")
    assert with_pieces(collected(root, app, library), clock=lambda: 0.0).library == ""


def test_another_release_of_the_library_is_shown_where_the_name_tells(tmp_path: Path) -> None:
    root = project(tmp_path, "pass")
    app = Frame(str(root / "app.py"), 9, "main", "charge(-5)")
    moved = Frame("/app/" + SITE + "/payments/api.py", 990, "charge")
    near = Frame(str(root / SITE / "payments/__init__.py"), 1, "<module>")
    assert "def charge(" in with_pieces(collected(root, app, moved, near), clock=lambda: 0.0).library
