from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snapfix import patching
from snapfix.diagnosis import Applicability, Edit, FileChange, Fix, PatchPlan
from snapfix.errors import PatchError
from snapfix.patching import MAX_FILE_BYTES, apply, diff, plan, undo

SOURCE = """\
import os


class Cart:
    def total(self):
        total = 0
        for item in self.items:
            total += item.price
        return total

    def empty(self):
        return not self.items
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "cart.py").write_text(SOURCE)
    return folder


def fix(*edits: Edit) -> Fix:
    return Fix("a fix", edits, (), Applicability.UNSAFE)


def planned(root: Path, find: str, replace: str, path: str = "cart.py") -> PatchPlan:
    return plan(fix(Edit(path, find, replace)), root)


def after(root: Path, find: str, replace: str, path: str = "cart.py") -> str:
    made = planned(root, find, replace, path)
    assert made.rejected == ()
    return made.changes[0].after


def reason(root: Path, find: str, replace: str, path: str = "cart.py") -> str:
    made = planned(root, find, replace, path)
    assert made.changes == ()
    assert not made.applies
    return made.rejected[0].reason


# -- planning --------------------------------------------------------------------------------------------------


def test_no_fix_is_an_empty_plan(root: Path) -> None:
    assert plan(None, root) == PatchPlan(str(root))
    assert not plan(None, root).applies


def test_plans_an_edit_without_writing(root: Path) -> None:
    made = planned(root, "total = 0", "total = 1")
    assert made.applies
    assert made.changes == (FileChange("cart.py", SOURCE, SOURCE.replace("total = 0", "total = 1")),)
    assert (root / "cart.py").read_text() == SOURCE


def test_edits_of_one_file_follow_one_another(root: Path) -> None:
    made = plan(fix(Edit("cart.py", "total = 0", "amount = 0"), Edit("cart.py", "amount = 0", "amount = 1")), root)
    assert made.applies
    assert "amount = 1" in made.changes[0].after


def test_one_edit_that_does_not_fit_spoils_the_plan_and_says_why(root: Path) -> None:
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("cart.py", "nowhere", "x")), root)
    assert not made.applies
    assert [edit.reason for edit in made.rejected] == ["the text to find is not in the file"]
    assert len(made.changes) == 1


@pytest.mark.parametrize(
    ("find", "replace", "expected"),
    [
        pytest.param("        total = 0\r\n", "        total = 1\r\n", "        total = 1\n", id="line ends"),
        pytest.param("        total = 0   ", "        total = 1", "        total = 1\n", id="blanks at the end"),
        pytest.param("\n\n        total = 0\n\n", "        total = 1", "        total = 1\n", id="empty lines around"),
        pytest.param(
            "total = 0\nfor item in self.items:\n    total += item.price",
            "total = 0\nfor item in self.items:\n    total += item.price or 0",
            "        for item in self.items:\n            total += item.price or 0\n",
            id="no indentation",
        ),
        pytest.param(
            "            total = 0\n            for item in self.items:",
            "            total = 1\n            for item in self.items:",
            "        total = 1\n        for item in self.items:\n",
            id="too much indentation",
        ),
        pytest.param(
            " 6 |         total = 0\n>7 |         for item in self.items:",
            " 6 |         total = 1\n>7 |         for item in self.items:",
            "        total = 1\n        for item in self.items:\n",
            id="line numbers",
        ),
        pytest.param(
            "6 | total = 0\n7 | for item in self.items:",
            "total = 1\nfor item in self.items:",
            "        total = 1\n        for item in self.items:\n",
            id="line numbers only in the text to find",
        ),
        pytest.param(
            "return not self.items",
            "if self.items is None:\n    return True\nreturn not self.items",
            "        if self.items is None:\n            return True\n        return not self.items\n",
            id="one line becomes several",
        ),
        pytest.param(
            "return not self.items",
            "if self.items is None:\n            return True\n        return not self.items",
            "        if self.items is None:\n            return True\n        return not self.items\n",
            id="only the first line lost its indentation",
        ),
    ],
)
def test_bridges_differences_that_do_not_change_what_is_meant(
    root: Path, find: str, replace: str, expected: str
) -> None:
    result = after(root, find, replace)
    assert expected in result
    compile(result, "cart.py", "exec")


@pytest.mark.parametrize(
    ("find", "why"),
    [
        ("total = 2", "not in the file"),
        ("self.items", "2 times"),
        ("otal = 0", "not in the file"),
        ("        total = 0\n    for item in self.items:", "not in the file"),
        ("total = 0\n\nfor item in self.items:", "not in the file"),
        ("", "empty"),
    ],
)
def test_rejects_a_text_that_is_not_there_exactly_once(root: Path, find: str, why: str) -> None:
    assert why in reason(root, find, "x = 1")


def test_a_block_that_stands_twice_is_named_by_its_lines(root: Path) -> None:
    (root / "twice.py").write_text("def a():\n    return 1  \n\n\ndef b():\n    return 1\n")
    assert reason(root, "  return 1", "  return 2", "twice.py").endswith("(lines 2, 6)")


def test_a_whole_line_is_told_from_the_beginning_of_another(root: Path) -> None:
    (root / "lines.py").write_text("def f():\n    x = 1\n    x = 10\n    return x\n")
    assert after(root, "    x = 1", "    x = 2", "lines.py") == "def f():\n    x = 2\n    x = 10\n    return x\n"


def test_deleting_whole_lines_leaves_no_empty_line(root: Path) -> None:
    (root / "lines.py").write_text("x = 1\ny = 2\nz = 3\n")
    assert after(root, "y = 2", "", "lines.py") == "x = 1\nz = 3\n"


def test_rejects_what_would_not_parse_any_more(root: Path) -> None:
    why = reason(root, "total = 0", "total = (")
    assert why.startswith("`cart.py` would not parse any more: ")
    assert "line 6" in why


def test_edits_that_only_together_parse_are_accepted(root: Path) -> None:
    edits = [
        Edit("cart.py", "total = 0", "total = ("),
        Edit("cart.py", "for item in self.items:", "0)\n        for item in self.items:"),
    ]
    made = plan(fix(*edits), root)
    assert made.applies
    compile(made.changes[0].after, "cart.py", "exec")


def test_mends_a_file_that_did_not_parse(root: Path) -> None:
    (root / "broken.py").write_text("def f()\n    return 1\n\n\nprint(f()\n")
    why = reason(root, "    return 1", "    return 2", "broken.py")
    assert why.startswith("`broken.py` would still not parse")
    assert "still not parse" in reason(root, "def f()", "# comment\n\n\ndef f()", "broken.py")
    assert after(root, "def f()", "def f():", "broken.py").startswith("def f():\n"), "the next error comes later"


def test_does_not_parse_what_is_not_python(root: Path) -> None:
    (root / "notes.txt").write_text("def f(\n")
    assert after(root, "def f(", "def g(", "notes.txt") == "def g(\n"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../outside.py", "contains `..`"),
        ("/etc/passwd", "outside the project"),
        ("a/../../x.py", "contains `..`"),
        ("", "names no file"),
        (".git/config", "lies in `.git`"),
        (".venv/lib/x.py", "lies in `.venv`"),
        ("lib/site-packages/x.py", "lies in `site-packages`"),
        ("missing.py", "no file `missing.py`"),
        ("folder", "not a regular file"),
        ("env/lib/x.py", "virtual environment"),
        ("a\0b", "names no file"),
        ("x" * 300, "cannot be read"),
        ("link.py", "outside the project"),
        ("link/x.py", "outside the project"),
        ("large.py", "larger than"),
        ("binary.dat", "not a text"),
        ("latin.txt", "not text in utf-8"),
        ("unknown.py", "not"),
    ],
)
def test_touches_nothing_but_the_projects_own_text_files(root: Path, path: str, why: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("x = 1\n")
    (root / "link.py").symlink_to(outside / "x.py")
    (root / "link").symlink_to(outside)
    (root / "folder").mkdir()
    (root / "env/lib").mkdir(parents=True)
    (root / "env/pyvenv.cfg").touch()
    (root / "env/lib/x.py").write_text("x = 1\n")
    (root / "large.py").write_text("x = 1\n" + "#" * MAX_FILE_BYTES)
    (root / "binary.dat").write_bytes(b"x = 1\n\0")
    (root / "latin.txt").write_bytes(b"x = 1 \xe9\n")
    (root / "unknown.py").write_bytes(b"# coding: klingon\nx = 1\n")
    assert why in reason(root, "x = 1", "x = 2", path)
    assert (outside / "x.py").read_text() == "x = 1\n"


def test_an_absolute_path_inside_the_project_is_its_relative_one(root: Path) -> None:
    made = planned(root, "total = 0", "total = 1", str(root / "cart.py"))
    assert made.changes[0].path == "cart.py"


def test_a_link_inside_the_project_changes_the_file_that_it_leads_to(root: Path, tmp_path: Path) -> None:
    (root / "link.py").symlink_to("cart.py")
    made = planned(root, "total = 0", "total = 1", "link.py")
    assert made.changes[0].path == "cart.py"
    apply(made, journal=tmp_path / "journal.json")
    assert (root / "link.py").is_symlink()


def test_plans_a_new_file(root: Path) -> None:
    made = planned(root, "", "X = 1", "shop/config.py")
    assert made.changes == (FileChange("shop/config.py", "", "X = 1\n"),)
    assert diff(made.changes[0]).startswith("--- /dev/null\n+++ b/shop/config.py\n")


@pytest.mark.parametrize("path", [".bashrc", ".github/workflows/x.yml", "cart.py/x.py"])
def test_does_not_create_hidden_files_or_files_below_files(root: Path, path: str) -> None:
    assert reason(root, "", "x = 1", path)


def test_rejects_a_text_that_the_files_encoding_lacks(root: Path) -> None:
    (root / "latin.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert "iso-8859-1" in reason(root, "x = 'é'", "x = '→'", "latin.py")


def test_rejects_a_change_of_the_declared_encoding(root: Path) -> None:
    (root / "latin.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert "encoding" in reason(root, "# coding: latin-1", "# coding: utf-8", "latin.py")


def test_shows_a_change_as_a_unified_diff() -> None:
    change = FileChange("a.py", "x = 1\ny = 2", "x = 1\ny = 3")
    end = "\\ No newline at end of file\n"
    assert diff(change) == f"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n{end}+y = 3\n{end}"


_LINE = st.sampled_from(
    ["x = 1", "    y = 2", "", "def f():", "    return 1", "\ttab", "x = 1  ", "# é", "6 | x = 1", "if x:"]
)
_TEXT = st.lists(_LINE, max_size=8).map("\n".join)


@given(_TEXT, _TEXT, _TEXT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edit_fits_or_is_rejected_with_a_reason(root: Path, text: str, find: str, replace: str) -> None:
    (root / "any.txt").write_text(text, encoding="utf-8")
    made = planned(root, find, replace, "any.txt")
    assert (len(made.changes), len(made.rejected)) in ((1, 0), (0, 1))
    if made.rejected:
        assert made.rejected[0].reason
    elif text.count(find) == 1 and find.strip() and "\n" in find:
        assert made.changes[0].after == text.replace(find, replace) or not replace


# -- applying and undoing --------------------------------------------------------------------------------------


def test_applies_a_plan_and_takes_it_back(root: Path, tmp_path: Path) -> None:
    (root / "other.py").write_text("x = 1\n")
    made = plan(
        fix(
            Edit("cart.py", "total = 0", "total = 1"), Edit("other.py", "x = 1", "x = 2"), Edit("new/a.py", "", "y = 1")
        ),
        root,
    )
    journal = tmp_path / "state" / "journal.json"
    applied = apply(made, journal=journal)
    assert applied.files == ("cart.py", "other.py", "new/a.py")
    assert "total = 1" in (root / "cart.py").read_text()
    assert (root / "other.py").read_text() == "x = 2\n"
    assert (root / "new/a.py").read_text() == "y = 1\n"
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert sorted(p.name for p in root.iterdir()) == ["cart.py", "new", "other.py"], "nothing is left lying about"
    assert undo(journal).files == applied.files
    assert (root / "cart.py").read_text() == SOURCE
    assert (root / "other.py").read_text() == "x = 1\n"
    assert sorted(p.name for p in root.iterdir()) == ["cart.py", "other.py"]
    assert not journal.exists()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"a = 1\r\nb = 2\r\n", b"a = 1\r\nb = 3\r\nc = 4\r\n", id="CRLF"),
        pytest.param(b"a = 1\rb = 2\r", b"a = 1\rb = 3\rc = 4\r", id="CR"),
        pytest.param(b"a = 1\nb = 2", b"a = 1\nb = 3\nc = 4", id="no line end at the end"),
        pytest.param(b"\xef\xbb\xbfa = 1\nb = 2\n", b"\xef\xbb\xbfa = 1\nb = 3\nc = 4\n", id="byte order mark"),
        pytest.param(b"a = 1\r\nb = 2\nd = 5\r\n", b"a = 1\r\nb = 3\nc = 4\nd = 5\r\n", id="mixed"),
        pytest.param(
            "# coding: latin-1\n# é\nb = 2\n".encode("latin-1"),
            "# coding: latin-1\n# é\nb = 3\nc = 4\n".encode("latin-1"),
            id="latin-1",
        ),
        pytest.param(b"a = '\x0c'\nb = 2\n", b"a = '\x0c'\nb = 3\nc = 4\n", id="form feed"),
    ],
)
def test_keeps_the_bytes_around_the_change(root: Path, tmp_path: Path, raw: bytes, expected: bytes) -> None:
    path = root / "file.py"
    path.write_bytes(raw)
    path.chmod(0o750)
    apply(planned(root, "b = 2", "b = 3\nc = 4", "file.py"), journal=tmp_path / "journal")
    assert path.read_bytes() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    undo(tmp_path / "journal")
    assert path.read_bytes() == raw
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def _refused(plan_or_journal: PatchPlan | Path, journal: Path = Path()) -> str:
    with pytest.raises(PatchError) as raised:
        undo(plan_or_journal) if isinstance(plan_or_journal, Path) else apply(plan_or_journal, journal=journal)
    assert raised.value.message
    return raised.value.code


def test_does_not_apply_a_plan_with_a_rejected_edit(root: Path, tmp_path: Path) -> None:
    assert _refused(planned(root, "nowhere", "x"), tmp_path / "journal") == "patch-rejected"
    assert not (tmp_path / "journal").exists()


def test_changes_no_file_when_one_was_changed_meanwhile(root: Path, tmp_path: Path) -> None:
    (root / "other.py").write_text("x = 1\n")
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("other.py", "x = 1", "x = 2")), root)
    (root / "other.py").write_text("x = 1  # mine\n")
    assert _refused(made, tmp_path / "journal") == "file-changed"
    assert (root / "cart.py").read_text() == SOURCE
    assert not (tmp_path / "journal").exists()


def test_changes_no_file_when_one_cannot_be_written(root: Path, tmp_path: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub/b.py").write_text("x = 1\n")
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("sub/b.py", "x = 1", "x = 2")), root)
    # A file in the way of a folder stops even a user who may write everywhere.
    made = PatchPlan(made.root, (*made.changes, FileChange("cart.py/new.py", "", "y = 1\n")))
    assert _refused(made, tmp_path / "journal") == "cannot-write"
    assert (root / "cart.py").read_text() == SOURCE
    assert (root / "sub/b.py").read_text() == "x = 1\n"
    assert sorted(p.name for p in root.rglob("*")) == ["b.py", "cart.py", "sub"]
    assert not (tmp_path / "journal").exists()


def test_takes_the_first_file_back_when_the_second_changes_in_between(root: Path) -> None:
    (root / "other.py").write_text("x = 1  # mine\n")
    writes = [
        patching._Write(root / "cart.py", "cart.py", SOURCE.encode(), b"changed\n"),
        patching._Write(root / "other.py", "other.py", b"x = 1\n", b"x = 2\n"),
    ]
    with pytest.raises(PatchError, match="was changed while"):
        patching._replace_all(writes)
    assert (root / "cart.py").read_text() == SOURCE
    assert sorted(p.name for p in root.iterdir()) == ["cart.py", "other.py"]


def test_says_which_file_could_not_be_put_back(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "other.py").write_text("x = 1\n")
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("other.py", "x = 1", "x = 2")), root)
    put = patching._put

    def once(path: Path, temporary: Path | None) -> None:
        if path.name != "cart.py" or b"total = 1" in path.read_bytes():
            raise OSError(28, "No space left on device")
        put(path, temporary)

    monkeypatch.setattr(patching, "_put", once)
    with pytest.raises(PatchError, match=r"stopped at `other.py` .*, and `cart.py` could not be put back") as raised:
        apply(made, journal=tmp_path / "journal")
    assert raised.value.code == "half-written"
    assert "total = 1" in (root / "cart.py").read_text()
    monkeypatch.undo()
    undo(tmp_path / "journal")
    assert (root / "cart.py").read_text() == SOURCE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_a_full_disk_changes_nothing(root: Path, tmp_path: Path) -> None:
    import resource

    made = planned(root, "total = 0", "total = 1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        code = _refused(made, tmp_path / "journal")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == "cannot-write"
    assert (root / "cart.py").read_text() == SOURCE
    assert [p.name for p in root.iterdir()] == ["cart.py"]
    assert not (tmp_path / "journal").exists()


def test_does_not_overwrite_a_journal(root: Path, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("{}")
    assert _refused(planned(root, "total = 0", "total = 1"), tmp_path / "journal") == "journal-exists"
    assert (root / "cart.py").read_text() == SOURCE


def test_does_not_change_anything_without_a_journal(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _refused(planned(root, "total = 0", "total = 1"), tmp_path / "file" / "journal") == "cannot-write"
    assert (root / "cart.py").read_text() == SOURCE


def test_does_not_undo_over_a_later_change(root: Path, tmp_path: Path) -> None:
    (root / "other.py").write_text("x = 1\n")
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("other.py", "x = 1", "x = 2")), root)
    apply(made, journal=tmp_path / "journal")
    (root / "other.py").write_text("x = 3\n")
    assert _refused(tmp_path / "journal") == "file-changed"
    assert "total = 1" in (root / "cart.py").read_text()
    assert (tmp_path / "journal").exists()


def test_undoes_what_an_interrupted_run_had_written(root: Path, tmp_path: Path) -> None:
    (root / "other.py").write_text("x = 1\n")
    made = plan(fix(Edit("cart.py", "total = 0", "total = 1"), Edit("other.py", "x = 1", "x = 2")), root)
    apply(made, journal=tmp_path / "journal")
    (root / "other.py").write_text("x = 1\n")
    undo(tmp_path / "journal")
    assert (root / "cart.py").read_text() == SOURCE


@pytest.mark.parametrize(
    "journal",
    [
        "",
        "[]",
        "{",
        '{"version": 2}',
        '{"version": 1, "root": "/", "files": [{"path": "../x", "before": null, "after": null}]}',
        '{"version": 1, "root": "ROOT", "files": [{"path": "cart.py", "before": "###", "after": ""}], "folders": []}',
    ],
)
def test_a_damaged_journal_is_refused(root: Path, tmp_path: Path, journal: str) -> None:
    (tmp_path / "journal").write_text(journal.replace("ROOT", str(root)))
    assert _refused(tmp_path / "journal") == "bad-journal"
    assert (root / "cart.py").read_text() == SOURCE


def test_a_missing_journal_is_reported(tmp_path: Path) -> None:
    assert _refused(tmp_path / "journal") == "no-journal"


def test_the_journal_holds_the_original_bytes(root: Path, tmp_path: Path) -> None:
    from base64 import b64decode

    apply(planned(root, "total = 0", "total = 1"), journal=tmp_path / "journal")
    document = json.loads((tmp_path / "journal").read_text())
    assert b64decode(document["files"][0]["before"]) == SOURCE.encode()


_RAW = st.lists(
    st.tuples(
        st.sampled_from(["x = 1", "y = 2", "# é", "", "    z = 3", "s = 'a\x0bb'"]),
        st.sampled_from(["\n", "\r\n", "\r"]),
    ),
    max_size=12,
).map(lambda lines: "".join(line + end for line, end in lines).encode())


@given(_RAW, st.binary(max_size=4), st.sampled_from(["unique = 1", "unique = 1\nmore = 2", ""]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_apply_then_undo_is_identity_on_bytes(tmp_path: Path, body: bytes, tail: bytes, replace: str) -> None:
    root = tmp_path / "identity"
    root.mkdir(exist_ok=True)
    path = root / "any.txt"
    raw = b"first = unique\r\n" + body + tail
    path.write_bytes(raw)
    made = planned(root, "first = unique", replace, "any.txt")
    if not made.applies:
        assert made.rejected[0].reason
        return
    apply(made, journal=tmp_path / "identity.journal")
    changed = path.read_bytes()
    assert changed != raw
    assert changed.endswith(body + tail), "what was not edited keeps its bytes"
    undo(tmp_path / "identity.journal")
    assert path.read_bytes() == raw
    assert os.listdir(root) == ["any.txt"]
