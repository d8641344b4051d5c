"""A template file: where it is, what its front matter says, which messages it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapfix.errors import SettingsError

_MAX_TEMPLATE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Section:
    """The text of one message: its role, and the line of the file it starts in (1-based)."""

    role: str
    text: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt template.

    Attributes:
        name: from the front matter, or the file's name.
        version: from the front matter, or "".
        path: the file it came from.
        sections: in the order of the messages.
        model: the alias or model that the template is pinned to, or None.
        temperature: sampling temperature, or None.
        max_tokens: ceiling of the answer, or None.
    """

    name: str
    version: str
    path: Path
    sections: tuple[Section, ...]
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None


def shipped_folder() -> Path:
    """The templates that come with Snapfix: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "prompts"
    return inside if inside.is_dir() else package.parent / "prompts"


def load(name: str, folders: Sequence[Path]) -> Template:
    """The template ``name`` from the first of ``folders`` that has ``<name>.md``, else the shipped one.

    Raises:
        SettingsError: there is no such template, or it cannot be read; the message names the file and the line.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", name):
        raise SettingsError("bad-template", f"`{name}` is not the name of a template", "use letters, digits, - and _")
    for folder in (*folders, shipped_folder()):
        path = folder / f"{name}.md"
        if path.is_file():
            if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
                raise bad(path, None, "the template is a link that leads out of its folder", "copy the file instead")
            return _parse(_read(path), path)
    searched = ", ".join(f"`{folder}`" for folder in (*folders, shipped_folder()))
    raise SettingsError("bad-template", f"there is no template `{name}.md` in {searched}")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_TEMPLATE_BYTES:
            raise bad(path, None, f"the template is larger than {_MAX_TEMPLATE_BYTES} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise bad(path, None, f"cannot read the template: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise bad(path, None, "the template is not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def bad(path: Path, line: int | None, message: str, hint: str | None = None) -> SettingsError:
    """What is wrong with a template, and where."""
    where = f"`{path}`" + (f" line {line}" if line else "")
    return SettingsError("bad-template", f"{where}: {message}", hint or "`prompts/README.md` describes templates")


def _parse(text: str, path: Path) -> Template:
    lines = text.split("\n")
    values: dict[str, Any] = {}
    body = 0
    if lines[0].rstrip() == "---":
        end = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
        if end is None:
            raise bad(path, 1, "the front matter has no end: expected a second line `---`")
        values = _front_matter(lines[1:end], path)
        body = end + 1
    sections = tuple(_sections(lines, body, path))
    return Template(
        name=values.get("name", path.stem),
        version=values.get("version", ""),
        path=path,
        sections=sections,
        model=values.get("model"),
        temperature=values.get("temperature"),
        max_tokens=values.get("max_tokens"),
    )


def _front_matter(lines: Sequence[str], path: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for number, line in enumerate(lines, start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, written = (part.strip() for part in line.partition(":"))
        if not colon:
            raise bad(path, number, f"expected `key: value`, found `{line.strip()[:60]}`")
        if key not in _READERS:
            known = ", ".join(f"`{known}`" for known in _READERS)
            raise bad(path, number, f"unknown key `{key[:60]}`", f"known: {known}")
        if key in values:
            raise bad(path, number, f"`{key}` is there twice")
        read, expected = _READERS[key]
        value = read(written.strip("\"'"))
        if value is None:
            raise bad(path, number, f"`{key}` must be {expected}, found `{written[:60]}`")
        values[key] = value
    return values


def _read_text(written: str) -> str | None:
    return written or None


def _read_temperature(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if 0.0 <= value <= 2.0 else None


def _read_count(written: str) -> int | None:
    return int(written) if re.fullmatch(r"[1-9][0-9]{0,6}", written) else None


_READERS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "name": (_read_text, "a text"),
    "version": (_read_text, "a text"),
    "model": (_read_text, "an alias or `provider/model`"),
    "temperature": (_read_temperature, "a number from 0 to 2"),
    "max_tokens": (_read_count, "a whole number above 0"),
}
_MARKER = re.compile(r"<!--\s{0,8}(system|user)\s{0,8}-->\s{0,8}")


def _sections(lines: Sequence[str], body: int, path: Path) -> Iterator[Section]:
    """The texts below each ``<!-- system -->`` and ``<!-- user -->``; a body without them is the user's message."""
    starts = [(i, match[1]) for i in range(body, len(lines)) if (match := _MARKER.fullmatch(lines[i]))]
    if not starts:
        if not any(line.strip() for line in lines[body:]):
            raise bad(path, None, "the template is empty")
        starts = [(body - 1, "user")]
    above = next((i for i in range(body, starts[0][0]) if lines[i].strip()), None)
    if above is not None:
        raise bad(path, above + 1, "there is text above the first marker", "start with `<!-- system -->`")
    if [role for _, role in starts] not in (["system", "user"], ["user"]):
        raise bad(path, starts[-1][0] + 1, "expected one `<!-- system -->`, then one `<!-- user -->`")
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    for (start, role), end in zip(starts, ends, strict=True):
        yield Section(role, "\n".join(lines[start + 1 : end]), start + 2)
