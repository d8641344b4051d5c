"""What changed lately: real repositories, some of which would have git run something."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from snapfix.crash import Change, SourceFile
from snapfix.source.disk import Project, walk
from snapfix.source.history import SECONDS, _compared, changes
from tests.source.crashing import crashed, with_code, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

BEFORE = "".join(f"line_{n} = {n}\n" for n in range(1, 31))


def git(root: Path, *arguments: str, **environment: str) -> str:
    person = {f"GIT_{who}_{what}": "ada" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, **person, "GIT_CONFIG_NOSYSTEM": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def commit(root: Path, subject: str, **environment: str) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", subject, **environment)


def repository(root: Path, files: dict[str, str | bytes] | None = None) -> Path:
    write(root, files or {"app.py": BEFORE})
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root, "begin")
    return root


def read(root: Path, *names: str) -> list[SourceFile]:
    """The files as they are read: with plain line ends."""
    files = []
    for name in names or ("app.py",):
        text = (root / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        files.append(SourceFile(str(root / name), name, text, ""))
    return files


def replaced(root: Path, old: str, new: str, name: str = "app.py") -> None:
    path = root / name
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))


def test_what_is_not_committed_comes_first_hunk_by_hunk(tmp_path: Path) -> None:
    root = repository(tmp_path)
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    replaced(root, "line_20 = 20\n", "")
    assert changes(str(root), read(root)) == (
        Change(
            "app.py",
            "not committed",
            ("@@ -2,3 +2,3 @@", " line_2 = 2", "-line_3 = 3", "+line_3 = None", " line_4 = 4"),
        ),
        Change("app.py", "not committed", ("@@ -19,3 +19,2 @@", " line_19 = 19", "-line_20 = 20", " line_21 = 21")),
    )


def test_what_is_staged_counts_as_not_committed(tmp_path: Path) -> None:
    root = repository(tmp_path)
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    git(root, "add", "app.py")
    (change,) = changes(str(root), read(root))
    assert change.when == "not committed"


def test_the_last_commits_are_told_with_hash_date_and_subject(tmp_path: Path) -> None:
    root = repository(tmp_path)
    for number in range(1, 6):
        replaced(root, f"line_{number} = {number}\n", f"line_{number} = None\n")
        commit(root, f"change\tnumber {number}")
    short = git(root, "log", "-1", "--format=%h %ad", "--date=short").split()
    found = changes(str(root), read(root))
    assert found[0].when == f"commit {short[0]} of {short[1]}: change\tnumber 5"
    assert found[0].lines[0].startswith("@@ -4,3 +4,3 @@")
    assert found[0].lines[1:] == (" line_4 = None", "-line_5 = 5", "+line_5 = None", " line_6 = 6")
    assert [change.when.rpartition(" ")[2] for change in found] == ["5", "4", "3"]


def test_neither_old_commits_nor_new_files_are_changes(tmp_path: Path) -> None:
    root = repository(tmp_path)
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    commit(root, "long ago", GIT_AUTHOR_DATE="2001-01-01T00:00:00", GIT_COMMITTER_DATE="2001-01-01T00:00:00")
    assert changes(str(root), read(root)) == ()


def test_only_the_files_that_are_asked_for_are_told(tmp_path: Path) -> None:
    root = repository(tmp_path, {"app.py": BEFORE, "other.py": BEFORE})
    for name in ("app.py", "other.py"):
        replaced(root, "line_3 = 3\n", "line_3 = None\n", name)
    commit(root, "both")
    assert {change.file for change in changes(str(root), read(root, "other.py"))} == {"other.py"}


def test_the_projects_folder_may_lie_within_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path, {"deep/pro ject/app.py": BEFORE, "deep/pro ject/pkg/ünï.py": BEFORE, "app.py": BEFORE})
    project = root / "deep" / "pro ject"
    for name in ("app.py", "pkg/ünï.py"):
        replaced(project, "line_3 = 3\n", "line_3 = None\n", name)
    commit(root, "deep")
    replaced(project, "line_9 = 9\n", "line_9 = None\n")
    found = [(change.file, change.when[:6]) for change in changes(str(project), read(project, "app.py", "pkg/ünï.py"))]
    assert found == [("app.py", "not co"), ("app.py", "commit"), ("pkg/ünï.py", "commit")]


def test_line_ends_and_byte_order_marks_are_no_changes(tmp_path: Path) -> None:
    root = repository(tmp_path, {"app.py": b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode()})
    assert changes(str(root), read(root)) == ()


@pytest.mark.parametrize(
    "name", ["-rf.py", "--output=x.py", ":(top)app.py", "a*.py", "a\nb.py", "a b.py", "'.py", "a\tb.py"]
)
@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be")
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    root = repository(tmp_path / "project", {name: BEFORE, "app.py": BEFORE})
    for each in (name, "app.py"):
        replaced(root, "line_3 = 3\n", "line_3 = None\n", each)
    found = changes(str(root), read(root, name, "app.py"))
    expected = {"app.py"} if "\n" in name else {name, "app.py"}
    assert {change.file for change in found if change.when == "not committed"} == expected
    assert {path.name for path in root.iterdir()} == {name, "app.py", ".git"}


def no_repository(root: Path) -> None:
    write(root, {"app.py": BEFORE})


def bare(root: Path) -> None:
    write(root, {"app.py": BEFORE})
    git(root, "init", "--quiet", "--bare", ".")


def unborn(root: Path) -> None:
    write(root, {"app.py": BEFORE})
    git(root, "init", "--quiet")


def untracked(root: Path) -> None:
    repository(root, {"other.py": BEFORE})
    write(root, {"app.py": BEFORE})


def detached(root: Path) -> None:
    repository(root)
    git(root, "checkout", "--quiet", "--detach")


def broken_head(root: Path) -> None:
    repository(root)
    (root / ".git/HEAD").write_text("ref: refs/heads/gone\n")


def broken_objects(root: Path) -> None:
    repository(root)
    shutil.rmtree(root / ".git/objects")


def broken_configuration(root: Path) -> None:
    repository(root)
    (root / ".git/config").write_text("[core\n")


def a_file_as_git_folder(root: Path) -> None:
    write(root, {"app.py": BEFORE, ".git": "gitdir: /nowhere\n"})


def empty_git_folder(root: Path) -> None:
    write(root, {"app.py": BEFORE, ".git/HEAD": ""})


@pytest.mark.parametrize(
    "make",
    [
        no_repository,
        bare,
        unborn,
        untracked,
        detached,
        broken_head,
        broken_objects,
        broken_configuration,
        a_file_as_git_folder,
        empty_git_folder,
    ],
)
def test_where_there_is_nothing_to_tell_nothing_is_told(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path)
    assert changes(str(tmp_path), read(tmp_path)) == ()


def test_without_git_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "project")
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    assert changes(str(root), read(root))
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert changes(str(root), read(root)) == ()


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other = repository(tmp_path / "project"), repository(tmp_path / "other")
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    expected = changes(str(root), read(root))
    for name, value in {"GIT_DIR": ".git", "GIT_WORK_TREE": ".", "GIT_INDEX_FILE": ".git/index"}.items():
        monkeypatch.setenv(name, str(other / value))
    assert changes(str(root), read(root)) == expected != ()


def test_an_empty_file_and_a_huge_one_are_no_trouble(tmp_path: Path) -> None:
    root = repository(tmp_path, {"empty.py": "", "huge.py": "x = 1\n" * 500_000, "folder.py/x": "", "app.py": BEFORE})
    write(root, {"empty.py": "x = 1\n", "huge.py": "x = 1\n"})
    shutil.rmtree(root / "folder.py")
    write(root, {"folder.py": "x = 1\n"})
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    found = changes(str(root), read(root, "empty.py", "huge.py", "folder.py", "app.py"))
    assert [change.file for change in found] == ["empty.py", "app.py"]


def test_without_files_git_is_not_asked(tmp_path: Path) -> None:
    assert changes(str(tmp_path / "gone"), ()) == ()
    assert changes(str(tmp_path / "gone"), [SourceFile("/gone/app.py", "app.py", BEFORE, "app")]) == ()


def test_a_large_change_is_cut(tmp_path: Path) -> None:
    root = repository(tmp_path, {"app.py": "".join(f"line_{n} = {n}\n" for n in range(300))})
    (root / "app.py").write_text("".join(f"other_{n} = {n}\n" for n in range(300)))
    started = time.process_time()
    (change,) = changes(str(root), read(root))
    assert len(change.lines) <= 42
    assert time.process_time() - started < 2


def test_a_huge_change_is_none(tmp_path: Path) -> None:
    """64,000 lines took 10 s."""
    texts = ("".join(f"{word}_{n % 500} = {n % 700}\n" for n in range(16_000)) for word in ("line", "other"))
    root = repository(tmp_path, {"app.py": next(texts)})
    (root / "app.py").write_text(next(texts))
    started = time.process_time()
    assert changes(str(root), read(root)) == ()
    assert time.process_time() - started < 1


@pytest.mark.parametrize("at", [0, 1, 2, 15_000, 29_997, 29_998, 29_999])
@pytest.mark.parametrize("kind", ["changed", "added", "removed"])
def test_a_small_change_of_a_huge_file_is_found_where_it_is(tmp_path: Path, at: int, kind: str) -> None:
    from difflib import unified_diff

    old = [str(n) for n in range(30_000)]
    new = old[:at] + {"changed": ["x"], "added": ["x", old[at]], "removed": []}[kind] + old[at + 1 :]
    expected = [line for line in unified_diff(old, new, lineterm="", n=1) if not line.startswith(("---", "+++"))]
    assert [line for line in _compared(old, new) if not line.startswith(("---", "+++"))] == expected


@pytest.mark.parametrize(
    "raw",
    [
        "# -*- coding: latin-1 -*-\nname = 'Zo\xeb'\n".encode("latin-1"),
        "# vim: set fileencoding=cp1252 :\nprice = '3 \u20ac'\n".encode("cp1252"),
        b"name = 'Zo\xeb'\n",
    ],
)
def test_a_file_of_another_encoding_is_not_changed_by_it(tmp_path: Path, raw: bytes) -> None:
    root = repository(tmp_path, {"app.py": raw})
    (file,) = [Project(str(root), walk(str(root))).read("app.py")]
    assert isinstance(file, SourceFile)
    assert changes(str(root), [file]) == ()
    (root / "app.py").write_bytes(raw + b"more = 1\n")
    file = Project(str(root), walk(str(root))).read("app.py")
    assert isinstance(file, SourceFile)
    (change,) = changes(str(root), [file])
    assert change.lines[2:] == ("+more = 1", " ")


@pytest.mark.skipif(sys.platform == "win32", reason="git is a shell script here")
def test_all_calls_of_git_have_one_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "project")
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\nsleep 0.6\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    started = time.monotonic()
    changes(str(root), read(root))
    assert time.monotonic() - started < SECONDS + 1


# -- whose repository it is --------------------------------------------------------------------------------------


def private(folder: Path) -> Path:
    """A repository of the user, with lines that are nobody's business."""
    root = repository(folder, {"app.py": BEFORE + "password = 'hunter2'\n"})
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    commit(root, "password")
    return root


def by_a_file(root: Path, other: Path) -> None:
    (root / ".git").write_text(f"gitdir: {other}/.git\n")


def by_a_relative_file(root: Path, other: Path) -> None:
    (root / ".git").write_text(f"gitdir: {os.path.relpath(other / '.git', root)}\n")


def by_a_link(root: Path, other: Path) -> None:
    (root / ".git").symlink_to(other / ".git")


def by_a_link_to_the_file(root: Path, other: Path) -> None:
    git(other, "worktree", "add", "--quiet", "--detach", str(other.parent / "linked"))
    (root / ".git").symlink_to(other.parent / "linked" / ".git")


def by_the_worktree_of_another(root: Path, other: Path) -> None:
    git(other, "worktree", "add", "--quiet", "--detach", str(other.parent / "linked"))
    shutil.copy(other.parent / "linked" / ".git", root / ".git")


def by_a_made_up_worktree(root: Path, other: Path) -> None:
    """It names the ``.git`` file as a worktree does, but does not stand in the repository that it names."""
    head = git(other, "rev-parse", "HEAD")
    made = {"HEAD": head, "commondir": f"{other}/.git\n", "gitdir": f"{root}/.git\n"}
    write(root, {f"made/worktrees/x/{name}": text for name, text in made.items()})
    (root / ".git").write_text("gitdir: made/worktrees/x\n")


def by_a_common_folder(root: Path, other: Path) -> None:
    git(root, "init", "--quiet")
    shutil.copy(other / ".git/HEAD", root / ".git/HEAD")
    (root / ".git/commondir").write_text(f"{other}/.git\n")


def by_alternates(root: Path, other: Path) -> None:
    git(root, "init", "--quiet")
    (root / ".git/HEAD").write_text(git(other, "rev-parse", "HEAD"))
    write(root, {".git/objects/info/alternates": f"{other}/.git/objects\n"})


def by_linked_objects(root: Path, other: Path) -> None:
    git(root, "init", "--quiet")
    (root / ".git/HEAD").write_text(git(other, "rev-parse", "HEAD"))
    shutil.rmtree(root / ".git/objects")
    (root / ".git/objects").symlink_to(other / ".git/objects")


def by_each_linked_object_folder(root: Path, other: Path) -> None:
    git(root, "init", "--quiet")
    (root / ".git/HEAD").write_text(git(other, "rev-parse", "HEAD"))
    for folder in (other / ".git/objects").iterdir():
        if len(folder.name) == 2:
            (root / ".git/objects" / folder.name).symlink_to(folder)


def by_a_bare_one(root: Path, other: Path) -> None:
    """The project's own folder is a repository whose configuration names a work tree."""
    git(root, "init", "--quiet", "--bare", ".")
    git(root, "config", "core.bare", "false")
    git(root, "config", "core.worktree", ".")
    (root / "commondir").write_text(f"{other}/.git\n")
    (root / "HEAD").write_text(git(other, "rev-parse", "HEAD"))


def by_a_submodule(root: Path, other: Path) -> None:
    """The git folder of another submodule in the repository above, which does not say whose it is."""
    git(root.parent, "init", "--quiet")
    shutil.copytree(other / ".git", root.parent / ".git/modules/other")
    git(root.parent, "--git-dir", ".git/modules/other", "config", "core.worktree", str(other))
    (root / ".git").write_text("gitdir: ../.git/modules/other\n")


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights")
@pytest.mark.parametrize(
    "lend",
    [
        by_a_file,
        by_a_relative_file,
        by_a_link,
        by_a_link_to_the_file,
        by_the_worktree_of_another,
        by_a_made_up_worktree,
        by_a_common_folder,
        by_alternates,
        by_linked_objects,
        by_each_linked_object_folder,
        by_a_bare_one,
        by_a_submodule,
    ],
)
def test_the_lines_of_another_repository_are_not_told(tmp_path: Path, lend: Callable[[Path, Path], None]) -> None:
    other = private(tmp_path / "private")
    root = write(tmp_path / "outer" / "project", {"app.py": BEFORE})
    lend(root, other)
    assert changes(str(root), read(root)) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights")
@pytest.mark.parametrize("lend", [by_a_file, by_a_link, by_a_common_folder, by_alternates, by_linked_objects])
def test_git_itself_would_have_told_them(tmp_path: Path, lend: Callable[[Path, Path], None]) -> None:
    """The traps are real."""
    other = private(tmp_path / "private")
    root = write(tmp_path / "outer" / "project", {"app.py": BEFORE})
    lend(root, other)
    assert "hunter2" in git(root, "cat-file", "blob", "HEAD:./app.py")


def test_a_linked_worktree_is_told_of(tmp_path: Path) -> None:
    main = repository(tmp_path / "main", {"app.py": BEFORE, "deep/app.py": BEFORE})
    root = tmp_path / "elsewhere" / "linked"
    git(main, "worktree", "add", "--quiet", str(root))
    for folder in (root, root / "deep"):
        replaced(folder, "line_3 = 3\n", "line_3 = None\n")
        assert [change.when for change in changes(str(folder), read(folder))] == ["not committed"]
    back = main / ".git/worktrees/linked/gitdir"
    back.write_text(os.path.relpath(root / ".git", back.parent) + "\n")  # as newer versions of git write it
    assert changes(str(root), read(root))
    back.write_text(f"{tmp_path}/other/.git\n")
    assert changes(str(root), read(root)) == ()


def test_a_submodule_is_told_of(tmp_path: Path) -> None:
    inner, outer = repository(tmp_path / "inner"), repository(tmp_path / "outer")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "lib/inner")
    root = outer / "lib" / "inner"
    assert (root / ".git").is_file()
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    assert [change.when for change in changes(str(root), read(root))] == ["not committed"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights")
def test_the_root_may_be_a_symbolic_link(tmp_path: Path) -> None:
    root = repository(tmp_path / "project")
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    (tmp_path / "link").symlink_to(root)
    assert len(changes(str(tmp_path / "link"), read(root))) == 1


# -- what a repository would have git run ------------------------------------------------------------------------

WITNESS = """#!/bin/sh
echo "$0 $@" >> "{log}"
cat
"""


def script(folder: Path, log: Path) -> str:
    path = folder / "witness.sh"
    path.write_text(WITNESS.format(log=log))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


CONFIGURED = {
    "a file system monitor": ("core.fsmonitor={}", ""),
    "a differ": ("diff.external={}", ""),
    "a differ of a driver": ("diff.own.command={}", "*.py diff=own"),
    "a text converter": ("diff.own.textconv={}", "*.py diff=own"),
    "a cached text converter": ("diff.own.textconv={} diff.own.cachetextconv=true", "*.py diff=own"),
    "a clean filter": ("filter.own.clean={} filter.own.required=true", "*.py filter=own"),
    "a smudge filter": ("filter.own.smudge={}", "*.py filter=own"),
    "a process filter": ("filter.own.process={}", "*.py filter=own"),
    "a pager": ("core.pager={} pager.log=true pager.cat-file=true", ""),
    "a pager of a command": ("pager.log={} pager.rev-parse={} pager.cat-file={}", ""),
    "an editor": ("core.editor={} sequence.editor={}", ""),
    "signature checks": ("log.showSignature=true gpg.program={} gpg.ssh.program={} gpg.x509.program={}", ""),
    "signatures of ssh": ("log.showSignature=true gpg.format=ssh gpg.ssh.program={} gpg.ssh.defaultKeyCommand={}", ""),
    "hooks": ("core.hooksPath=hooks", ""),
    "aliases": ("alias.log=!{} alias.rev-parse=!{} alias.cat-file=!{}", ""),
    "credentials": ("credential.helper={} core.askPass={}", ""),
    "a partial clone": (
        "extensions.partialClone=origin remote.origin.promisor=true remote.origin.url=ext::{} "
        "protocol.ext.allow=always core.sshCommand={} remote.origin.uploadpack={}",
        "",
    ),
    "a merge driver": ("merge.own.driver={}", "*.py merge=own"),
    "another work tree": ("core.worktree=/", ""),
    "alternate references": ("core.alternateRefsCommand={}", ""),
    "a trailer": ("trailer.own.command={} trailer.own.cmd={}", ""),
}
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----"


def signed(root: Path) -> None:
    """Replace the last commit by one that claims to be signed."""
    head, _, body = git(root, "cat-file", "commit", "HEAD").partition("\n\n")
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=root,
        input=f"{head}\ngpgsig {SIGNATURE}\n\n{body}",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    git(root, "update-ref", "HEAD", made.stdout.strip())


def hostile(root: Path, log: Path, configured: str, attributes: str) -> str:
    """A repository with a change of each kind, whose configuration names a script that would leave a trace."""
    repository(root)
    replaced(root, "line_3 = 3\n", "line_3 = None\n")
    commit(root, "second")
    signed(root)
    replaced(root, "line_20 = 20\n", "line_20 = None\n")
    path = script(root, log)
    if attributes:
        write(root, {".gitattributes": f"{attributes}\n"})
    if "hooks" in configured:
        (root / "hooks").mkdir()
        for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc"):
            shutil.copy(path, root / "hooks" / hook)
    for setting in configured.split():
        name, _, value = setting.partition("=")
        git(root, "config", name, value.format(path))
    if "partialClone" in configured:  # an object that is missing would be fetched
        git(root, "config", "core.repositoryFormatVersion", "1")
        blob = git(root, "rev-parse", "HEAD:app.py").strip()
        (root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the witness is a shell script")
@pytest.mark.parametrize("case", CONFIGURED)
def test_nothing_that_a_repository_configures_is_run(tmp_path: Path, case: str) -> None:
    root, log = tmp_path / "project", tmp_path / "witness.log"
    hostile(root, log, *CONFIGURED[case])
    log.unlink(missing_ok=True)  # making the repository may have run it
    found = changes(str(root), read(root))
    assert not log.exists(), log.read_text()
    if case not in ("a partial clone", "another work tree", "aliases"):
        assert [change.when[:6] for change in found] == ["not co", "commit"]
    context = with_code(crashed(write(root, {"main.py": "import app\nprint(app.line_3.x)\n"}), "main.py"))
    assert not log.exists(), log.read_text()
    assert context.pieces


@pytest.mark.skipif(sys.platform == "win32", reason="the witness is a shell script")
@pytest.mark.parametrize(
    ("case", "command"),
    [
        ("a file system monitor", ("status",)),
        ("a differ", ("diff",)),
        ("a text converter", ("diff",)),
        ("a clean filter", ("diff",)),
        ("signature checks", ("log",)),
    ],
)
def test_the_witness_would_have_told(tmp_path: Path, case: str, command: tuple[str, ...]) -> None:
    """The traps are real: plain git falls into them."""
    root, log = tmp_path / "project", tmp_path / "witness.log"
    hostile(root, log, *CONFIGURED[case])
    log.unlink(missing_ok=True)
    subprocess.run(["git", *command], cwd=root, capture_output=True, check=False, timeout=30)
    assert log.exists()


# -- with the pieces ---------------------------------------------------------------------------------------------

PROGRAM = """
    RATES = {"pen": 2}

    def unrelated():
        first = 1
        second = 2
        third = 3
        return first, second, third

    def price_of(name):
        found = RATES.get(name)
        return found + 1

    price_of("book")
    """


def test_only_changes_that_touch_the_shown_code_are_told(tmp_path: Path) -> None:
    root = write(tmp_path, {"app.py": PROGRAM, "far.py": "def far():\n    return 'far'\n"})
    git(root, "init", "--quiet")
    commit(root, "begin")
    replaced(root, "RATES.get(name)", "RATES.get(name, 0)")
    replaced(root, "return 'far'", "return 'near'", "far.py")
    commit(root, "a default")
    replaced(root, "RATES.get(name, 0)", "RATES.get(name)")
    replaced(root, "return 'near'", "return 'here'", "far.py")
    context = with_code(crashed(root, "app.py"))
    assert [(change.file, change.when[:6]) for change in context.changes] == [
        ("app.py", "not co"),
        ("app.py", "commit"),
    ]
    assert "+    found = RATES.get(name)" in context.changes[0].lines
