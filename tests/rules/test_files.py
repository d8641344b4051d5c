"""FileNotFoundError: the working directory, names that differ, ``~``, folders that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapfix.diagnosis import Applicability, Confidence
from snapfix.rules import analyse
from tests.rules.crashing import crash, read

READER = """
    import json


    def load(path):
        with open(path) as file:
            return json.load(file)


    def main():
        settings = load({path!r})
        print(settings["name"])


    main()
"""
SETTINGS = '{"name": "lamp"}'


# -- the working directory -------------------------------------------------------------------------------------


def test_a_file_beside_the_script_is_found_from_every_working_directory(tmp_path: Path) -> None:
    files = {"tools/app.py": READER.format(path="data/settings.json"), "tools/data/settings.json": SETTINGS}
    crashed = crash(tmp_path, files, run=("tools/app.py",))
    assert crashed.rule == "file.not-found"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.where == ("tools/app.py", 10)
    assert "the project's root" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == "lamp\n"
    assert crashed.fix.commands == (), "a command beside an edit looks as if both were needed"


def test_a_path_object_is_made_relative_to_the_source_file(tmp_path: Path) -> None:
    source = """
        from pathlib import Path


        def words():
            return Path("words.txt").read_text().split()


        def main():
            print(len(words()))


        main()
    """
    files = {"app.py": source, "words.txt": "a b c", "sub/keep": ""}
    crashed = crash(tmp_path, files, run=("../app.py",), working_directory="sub")
    assert crashed.rule == "file.not-found"
    assert '(Path(__file__).parent / "words.txt").read_text()' in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "3\n"


def test_a_file_elsewhere_in_the_project_is_likely_the_one_that_was_meant(tmp_path: Path) -> None:
    files = {"app.py": READER.format(path="settings.json"), "config/settings.json": SETTINGS}
    crashed = crash(tmp_path, files)
    assert crashed.rule == "file.not-found"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.fix.applicability is Applicability.UNSAFE
    assert crashed.apply_and_rerun().stdout == "lamp\n"


def test_two_files_of_that_name_leave_it_open_which_was_meant(tmp_path: Path) -> None:
    files = {"app.py": READER.format(path="settings.json"), "a/settings.json": SETTINGS, "b/settings.json": SETTINGS}
    crashed = crash(tmp_path, files)
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.edits == ()


def test_a_path_from_the_root_of_the_disk_loses_its_slash(tmp_path: Path) -> None:
    files = {"app.py": READER.format(path="/zz-data/settings.json"), "zz-data/settings.json": SETTINGS}
    crashed = crash(tmp_path, files)
    assert crashed.rule == "file.not-found"
    assert crashed.diagnosis.confidence is Confidence.LIKELY
    assert crashed.apply_and_rerun().stdout == "lamp\n"


# -- names that differ -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "there", "confidence"),
    [
        ("settings.json", "setings.json", Confidence.CERTAIN),
        ("settings.json", "Settings.json", Confidence.CERTAIN),
        ("data/settings.json", "Data/settings.json", Confidence.CERTAIN),
        ("data/settings.json", "data/settings.JSON", Confidence.LIKELY),
        ("settings.json", "settings.json.txt", Confidence.LIKELY),
        ("settings.cfg", "settings.json", Confidence.LIKELY),
    ],
)
def test_corrects_a_name_that_differs_from_the_one_on_disk(
    tmp_path: Path, written: str, there: str, confidence: Confidence
) -> None:
    crashed = crash(tmp_path, {"app.py": READER.format(path=written), there: SETTINGS})
    assert crashed.rule == "file.not-found"
    assert crashed.diagnosis.confidence in (confidence, Confidence.CERTAIN)
    assert there.rpartition("/")[2] in crashed.diagnosis.error_analysis or "Data" in crashed.diagnosis.error_analysis
    assert crashed.apply_and_rerun().stdout == "lamp\n"


@pytest.mark.parametrize("there", ["settings2.json", "settings-2023.json"])
def test_a_file_with_another_number_is_another_file(tmp_path: Path, there: str) -> None:
    crashed = crash(tmp_path, {"app.py": READER.format(path="settings1.json"), there: SETTINGS})
    assert crashed.fix.edits == ()


def test_two_names_that_are_equally_near_leave_it_open(tmp_path: Path) -> None:
    files = {"app.py": READER.format(path="user.json"), "uses.json": SETTINGS, "usex.json": SETTINGS}
    assert crash(tmp_path, files).fix.edits == ()


# -- paths that have to be expanded or cleaned -----------------------------------------------------------------


def test_a_tilde_is_expanded(tmp_path: Path) -> None:
    home = tmp_path / "ada"
    home.mkdir()
    (home / "settings.json").write_text(SETTINGS)
    files = {"app.py": READER.format(path="~/settings.json")}
    crashed = crash(tmp_path, files, environment={"HOME": str(home)})
    assert crashed.rule == "file.not-found"
    assert crashed.fix.applicability is Applicability.SAFE
    assert crashed.apply_and_rerun().stdout == "lamp\n"


def test_a_tilde_in_a_path_object_is_expanded(tmp_path: Path) -> None:
    source = """
        from pathlib import Path

        NOTES = Path("~/notes.txt")


        def main():
            print(NOTES.read_text())


        main()
    """
    (tmp_path / "notes.txt").write_text("remember")
    crashed = crash(tmp_path, {"app.py": source}, environment={"HOME": str(tmp_path)})
    assert crashed.where == ("app.py", 3)
    assert 'Path("~/notes.txt").expanduser()' in crashed.fixed_text("app.py")
    assert crashed.apply_and_rerun().stdout == "remember\n"


def test_an_environment_variable_in_a_path_is_expanded(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(SETTINGS)
    files = {"app.py": READER.format(path="$STORE/settings.json")}
    crashed = crash(tmp_path, files, environment={"STORE": str(tmp_path)})
    assert crashed.rule == "file.not-found"
    assert crashed.apply_and_rerun().stdout == "lamp\n"


def test_backslashes_that_made_control_characters_are_kept_by_a_raw_string(tmp_path: Path) -> None:
    source = 'def load():\n    return open("data\\table\\new.txt").read()\n\n\nprint(load())\n'
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "file.not-found"
    assert 'open(r"data\\table\\new.txt")' in crashed.fixed_text("app.py")


def test_a_line_end_that_was_read_along_with_the_name_is_stripped(tmp_path: Path) -> None:
    source = """
        def names():
            with open("list.txt") as listing:
                return list(listing)


        def main():
            for name in names():
                with open(name) as file:
                    print(file.read())


        main()
    """
    crashed = crash(tmp_path, {"app.py": source, "list.txt": "a.txt\nb.txt\n", "a.txt": "A", "b.txt": "B"})
    assert crashed.rule == "file.not-found"
    assert "line end" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().stdout == "A\nB\n"


# -- writing ---------------------------------------------------------------------------------------------------

WRITERS = {
    "open": 'def save(text):\n    with open("out/report.txt", "w") as file:\n        file.write(text)\n',
    "variable": (
        'import os\n\nTARGET = os.path.join("out", "report.txt")\n\n\n'
        "def save(text):\n    with open(TARGET, mode='w') as file:\n        file.write(text)\n"
    ),
    "path": (
        'from pathlib import Path\n\nOUT = Path("out")\n\n\n'
        'def save(text):\n    (OUT / "report.txt").write_text(text)\n'
    ),
    "copy": (
        "import shutil\n\n\ndef save(text):\n    with open('report.txt', 'w') as file:\n        file.write(text)\n"
        "    shutil.copy('report.txt', 'out/report.txt')\n"
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_the_folder_of_a_file_to_write_is_made_first(tmp_path: Path, writer: str) -> None:
    source = WRITERS[writer] + '\n\nsave("done")\nprint(open("out/report.txt").read())\n'
    crashed = crash(tmp_path, {"app.py": source})
    assert crashed.rule == "file.missing-directory"
    assert crashed.diagnosis.confidence is Confidence.CERTAIN
    assert crashed.apply_and_rerun().stdout == "done\n"


def test_a_misspelt_folder_is_corrected_rather_than_made(tmp_path: Path) -> None:
    source = (
        'def save(text):\n    with open("reprots/a.txt", "w") as file:\n        file.write(text)\n\n\nsave("done")\n'
    )
    crashed = crash(tmp_path, {"app.py": source, "reports/.keep": ""})
    assert crashed.rule == "file.not-found"
    assert "`reports`" in crashed.diagnosis.root_cause
    assert crashed.apply_and_rerun().returncode == 0


def test_reading_does_not_make_a_folder(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": READER.format(path="missing/settings.json")})
    assert crashed.rule == "file.not-found"
    assert crashed.fix.edits == ()


# -- the rest --------------------------------------------------------------------------------------------------


def test_says_where_it_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    crashed = crash(tmp_path, {"app.py": READER.format(path="data/zebra.bin"), "data/a.csv": "", "data/b.csv": ""})
    assert crashed.rule == "file.not-found"
    assert "`a.csv`, `b.csv`" in crashed.diagnosis.error_analysis
    assert crashed.fix.edits == ()


def test_a_file_that_is_there_now_gives_no_certainty(tmp_path: Path) -> None:
    first = crash(tmp_path, {"app.py": READER.format(path="settings.json")})
    late = crash(tmp_path, {"app.py": READER.format(path="zz.json")}, text=first.process.stderr)
    assert late.diagnosis.confidence is not Confidence.CERTAIN
    (first.root / "settings.json").write_text(SETTINGS)
    (first.root / "app.py").write_text(first.root.joinpath("app.py").read_text().replace("zz.json", "settings.json"))
    diagnosis = analyse(read(first.process.stderr, first.root), strict=True)
    assert diagnosis.confidence is Confidence.UNSURE
    assert "exists now" in diagnosis.root_cause


def test_a_program_that_is_not_installed_is_not_a_lost_file(tmp_path: Path) -> None:
    source = 'import subprocess\n\n\ndef main():\n    subprocess.run(["zz-no-such-program"])\n\n\nmain()\n'
    assert not crash(tmp_path, {"app.py": source}).rule.startswith("file.")


def test_an_error_that_the_program_raises_itself_is_left_alone(tmp_path: Path) -> None:
    source = "def main():\n    raise FileNotFoundError('no report for May')\n\n\nmain()\n"
    assert not crash(tmp_path, {"app.py": source}).rule.startswith("file.")


def test_a_folder_to_write_to_is_not_surely_a_misspelling_of_another(tmp_path: Path) -> None:
    app = 'with open("output/x.txt", "w") as file:\n    file.write("x")\n'
    crashed = crash(tmp_path, {"app.py": app, "outputs/old.txt": "x"})
    assert crashed.diagnosis.confidence is not Confidence.CERTAIN
    assert crashed.fix.applicability is not Applicability.SAFE


def test_a_name_that_was_listed_wants_its_folder(tmp_path: Path) -> None:
    app = 'import os\n\nfor name in os.listdir("data"):\n    print(open(name).read())\n'
    crashed = crash(tmp_path, {"app.py": app, "data/x.txt": "x"})
    assert "`os.path.join(folder, name)`" in crashed.fix.summary
    assert crashed.fix.commands == ()
