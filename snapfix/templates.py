"""From a crash to a prompt: load a template, redact what goes into it, fit the budget, fill it.

A template is a Markdown file with front matter and Jinja2 (sandboxed); ``prompts/README.md`` lists its variables.
Everything that goes into it is redacted here, once. What does not fit the budget is left out by rank and recorded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from snapfix import layouts
from snapfix.crash import Change, CrashContext, Environment, LeftOut, Listing, Piece, PlacedFrame, Traceback
from snapfix.diagnosis import Confidence, Diagnosis
from snapfix.errors import SettingsError
from snapfix.prompt import Message, Prompt
from snapfix.redaction import Redactor
from snapfix.tokens import estimate_tokens

if TYPE_CHECKING:
    import jinja2

_MAX_TEMPLATE_BYTES = 256 * 1024
_MAX_OUTPUT_CHARS = 4 * 1024 * 1024
_MAX_ITERATIONS = 10_000
_MAX_REPEAT = 10_000
_MAX_LINE = 600
_MESSAGE_TOKENS = 4
_BUDGET = "it does not fit the token budget"


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


@dataclass(frozen=True, slots=True)
class PieceText:
    """Code of one file as a template sees it: the file, what is shown of it and why, and its numbered lines."""

    file: str
    about: str
    code: str

    @property
    def language(self) -> str:
        """The info string of a fence around the code."""
        return layouts.fence(self.file)


# -- loading ---------------------------------------------------------------------------------------------------


def shipped_folder() -> Path:
    """The templates that come with Snapfix: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
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
                raise _bad(path, None, "the template is a link that leads out of its folder", "copy the file instead")
            return _parse(_read(path), path)
    searched = ", ".join(f"`{folder}`" for folder in (*folders, shipped_folder()))
    raise SettingsError("bad-template", f"there is no template `{name}.md` in {searched}")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_TEMPLATE_BYTES:
            raise _bad(path, None, f"the template is larger than {_MAX_TEMPLATE_BYTES} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _bad(path, None, f"cannot read the template: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise _bad(path, None, "the template is not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bad(path: Path, line: int | None, message: str, hint: str | None = None) -> SettingsError:
    where = f"`{path}`" + (f" line {line}" if line else "")
    return SettingsError("bad-template", f"{where}: {message}", hint or "`prompts/README.md` describes templates")


def _parse(text: str, path: Path) -> Template:
    lines = text.split("\n")
    values: dict[str, Any] = {}
    body = 0
    if lines[0].rstrip() == "---":
        end = next((i for i, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
        if end is None:
            raise _bad(path, 1, "the front matter has no end: expected a second line `---`")
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
            raise _bad(path, number, f"expected `key: value`, found `{line.strip()[:60]}`")
        if key not in _READERS:
            known = ", ".join(f"`{known}`" for known in _READERS)
            raise _bad(path, number, f"unknown key `{key[:60]}`", f"known: {known}")
        if key in values:
            raise _bad(path, number, f"`{key}` is there twice")
        read, expected = _READERS[key]
        value = read(written.strip("\"'"))
        if value is None:
            raise _bad(path, number, f"`{key}` must be {expected}, found `{written[:60]}`")
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
            raise _bad(path, None, "the template is empty")
        starts = [(body - 1, "user")]
    above = next((i for i in range(body, starts[0][0]) if lines[i].strip()), None)
    if above is not None:
        raise _bad(path, above + 1, "there is text above the first marker", "start with `<!-- system -->`")
    if [role for _, role in starts] not in (["system", "user"], ["user"]):
        raise _bad(path, starts[-1][0] + 1, "expected one `<!-- system -->`, then one `<!-- user -->`")
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    for (start, role), end in zip(starts, ends, strict=True):
        yield Section(role, "\n".join(lines[start + 1 : end]), start + 2)


# -- filling ---------------------------------------------------------------------------------------------------


def build(
    context: CrashContext,
    template: Template,
    *,
    budget: int,
    hypothesis: Diagnosis | None = None,
    redact: bool = True,
) -> Prompt:
    """Fill a template with a crash.

    ``budget`` is the ceiling for what is put into the template, in estimated tokens: the whole prompt is never
    larger than ``budget`` and the template's own text. The traceback comes first and takes at most half of it
    (long ones are shortened in the middle), then the facts and the hypothesis, then the pieces of code by rank. A piece
    that does not fit is cut to the lines around its failing lines, or left out; ``left_out`` says so.

    ``hypothesis`` is the offline analyser's diagnosis; it is passed on where its confidence is not "unsure".
    ``redact`` is False only where the user exempted a model that runs on this machine.

    Raises:
        SettingsError: the template fails; the message names its file and line.
    """
    left_out: list[LeftOut] = []
    material = _affordable(_gather(context, hypothesis), budget, left_out)
    if redact:
        material = _redacted(material)
    filler = _Filler(template, budget, layouts.display_name(context.traceback))
    fields = _fit_traceback(material, filler, left_out)
    for name, share in _SHARES.items():
        fields = _fit_text(fields, name, getattr(material, name), filler, left_out, share)
    fields = _fit_pieces(fields, material.pieces, filler, left_out)
    messages = filler.fill(fields)
    sent = "".join(message.content for message in messages)
    return Prompt(
        messages=messages,
        template=template.name,
        version=template.version,
        tokens=_size(messages),
        max_tokens=template.max_tokens,
        temperature=template.temperature,
        model=template.model,
        left_out=tuple(left_out),
        masks=tuple((mask, secret) for mask, secret in material.masks if mask in sent),
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """What a template is filled with."""

    traceback: str = ""
    facts: str = ""
    hypothesis: str = ""
    following: str = ""
    changes: str = ""
    library: str = ""
    pieces: tuple[PieceText, ...] = ()

    def having(self, name: str, text: str) -> _Fields:
        """The same with another text in one field."""
        change: dict[str, Any] = {name: text}
        return replace(self, **change)

    def texts(self) -> Iterable[str]:
        single = (self.traceback, self.facts, self.hypothesis, self.following, self.changes, self.library)
        return chain(single, (piece.code for piece in self.pieces))


@dataclass(frozen=True, slots=True)
class _Material:
    """Everything that may go into a prompt. ``tracebacks`` hold ever fewer frames, the whole one first."""

    tracebacks: tuple[str, ...]
    facts: str
    hypothesis: str
    following: str
    changes: str
    library: str
    pieces: tuple[Piece, ...]
    files: Mapping[str, str]
    masks: tuple[tuple[str, str], ...] = ()


def _size(messages: Iterable[Message]) -> int:
    return sum(estimate_tokens(message.content) + _MESSAGE_TOKENS for message in messages)


_LEAST_LINE = 7
"""Tokens of the shortest numbered line."""


def _affordable(material: _Material, budget: int, left_out: list[LeftOut]) -> _Material:
    """Without the pieces that surely have no room: looking for secrets in everything would take long."""
    lines, kept = 0, 0
    for piece in material.pieces:
        if lines > budget // _LEAST_LINE:
            break
        lines += len(piece.lines)
        kept += 1
    left_out += [LeftOut(_describe(piece), _BUDGET) for piece in material.pieces[kept:]]
    pieces = material.pieces[:kept]
    wanted = {piece.file for piece in pieces}
    files = {name: text for name, text in material.files.items() if name in wanted}
    return replace(material, pieces=pieces, files=files)


def _fit_traceback(material: _Material, filler: _Filler, left_out: list[LeftOut]) -> _Fields:
    share = filler.budget // 2 if material.pieces else filler.budget
    for number, text in enumerate(material.tracebacks):
        fields = _Fields(traceback=text)
        if filler.cost(fields) <= share:
            if number:
                left_out.append(LeftOut("frames in the middle of the traceback", _BUDGET))
            return fields
    fields = _shortened(_Fields(), "traceback", material.tracebacks[-1], filler, share)
    left_out.append(LeftOut("the middle of the traceback" if fields.traceback else "the traceback", _BUDGET))
    return fields


_SHARES = {"facts": 1 / 6, "hypothesis": 1 / 6, "following": 1 / 16, "changes": 1 / 8, "library": 1 / 8}
"""Of the budget, at most."""


def _fit_text(
    fields: _Fields, name: str, text: str, filler: _Filler, left_out: list[LeftOut], share: float
) -> _Fields:
    """Put in a text of secondary weight, shortened in the middle where it would take more than its share."""
    if not text:
        return fields
    filled = fields.having(name, text)
    limit = filler.cost(fields) + int(filler.budget * share)
    if filler.cost(filled) <= min(limit, filler.budget):
        return filled
    shortened = _shortened(fields, name, text, filler, min(limit, filler.budget))
    left_out.append(LeftOut(f"the {name}" if shortened == fields else f"part of the {name}", _BUDGET))
    return shortened


def _shortened(fields: _Fields, name: str, text: str, filler: _Filler, limit: int) -> _Fields:
    keep = min(len(text), limit * 4)
    while keep >= 40:
        filled = fields.having(name, _without_middle(text, keep))
        if filler.cost(filled) <= limit:
            return filled
        keep = keep * 3 // 4
    return fields


def _without_middle(text: str, keep: int) -> str:
    head = keep * 2 // 5
    tail = keep - head
    return f"{text[:head]}\n[... {len(text) - keep} characters not shown ...]\n{text[len(text) - tail :]}"


def _fit_pieces(fields: _Fields, pieces: Sequence[Piece], filler: _Filler, left_out: list[LeftOut]) -> _Fields:
    """Put in as many pieces as fit, by their rank."""
    room = filler.budget - filler.cost(fields)
    while True:
        fitting = _Fitting(room)
        for piece in pieces:
            fitting.add(piece)
        fitting.fill_up()
        filled = replace(fields, pieces=fitting.texts())
        excess = filler.cost(filled) - filler.budget
        if excess <= 0 or not fitting.shown:  # the sum of the parts may be a little off
            left_out += fitting.left_out()
            return filled
        room -= max(excess, 8)


_WHOLE = 0.25
"""Share of the room for code up to which a piece is shown whole at once; what is longer is cut to the lines that
matter, and filled up at the end where room is left."""
_FILE_TOKENS = 16
_GAP_TOKENS = 5


class _Fitting:
    """Chooses lines of pieces, the most important first, until the room is used up."""

    def __init__(self, room: int) -> None:
        self.shown: dict[str, dict[int, str]] = {}
        self._room = room
        self._left = room
        self._pieces: list[tuple[Piece, frozenset[int]]] = []
        self._marked: dict[str, set[int]] = {}

    def add(self, piece: Piece) -> None:
        """Take the piece whole, or cut to what matters, or to what is around its failing lines, or not at all."""
        for number, chosen in enumerate(_cuts(piece)):
            cost = self._cost(piece, chosen)
            if cost <= (self._left if number else min(self._left, int(self._room * _WHOLE))):
                self._take(piece, chosen, cost)
                return
        self._pieces.append((piece, frozenset()))

    def fill_up(self) -> None:
        """Give what is left to the pieces that were cut, in their order."""
        for piece, chosen in list(self._pieces):
            whole = frozenset(number for number, _ in piece.lines)
            cost = self._cost(piece, whole)
            if chosen != whole and cost <= self._left:
                self._pieces.remove((piece, chosen))
                self._take(piece, whole, cost)

    def _cost(self, piece: Piece, chosen: frozenset[int]) -> int:
        known = self.shown.get(piece.file, {})
        new = [(number, line) for number, line in piece.lines if number in chosen and number not in known]
        gaps = sum(1 for (one, _), (two, _) in zip(new, new[1:], strict=False) if two > one + 1)
        lines = sum(estimate_tokens(_numbered(number, line)) for number, line in new)
        file = 0 if known or not new else _FILE_TOKENS + estimate_tokens(piece.file)
        return lines + _GAP_TOKENS * (gaps + 1) + file + estimate_tokens(piece.title) if new else 0

    def _take(self, piece: Piece, chosen: frozenset[int], cost: int) -> None:
        lines = {number: line for number, line in piece.lines if number in chosen}
        if lines:
            self.shown.setdefault(piece.file, {}).update(lines)
            self._marked.setdefault(piece.file, set()).update(piece.marked)
        self._left -= cost
        self._pieces.append((piece, chosen))

    def left_out(self) -> Iterator[LeftOut]:
        """What is not shown."""
        for piece, _ in self._pieces:
            shown = self.shown.get(piece.file, {})
            missing = sum(1 for number, line in piece.lines if number not in shown and line.strip())
            if missing == sum(1 for _, line in piece.lines if line.strip()):
                yield LeftOut(_describe(piece), _BUDGET)
            elif missing:
                yield LeftOut(f"{missing} lines of {_describe(piece)}", _BUDGET)

    def texts(self) -> tuple[PieceText, ...]:
        """The chosen lines by file, the file of the most important piece first."""
        titles: dict[str, dict[str, list[str]]] = {name: {} for name in self.shown}
        for piece, chosen in self._pieces:
            if chosen:
                listed = titles[piece.file].setdefault(str(piece.kind), [])
                if piece.title not in listed:
                    listed.append(piece.title)
        return tuple(
            PieceText(name, _about(titles[name]), _code(lines, self._marked.get(name, set())))
            for name, lines in self.shown.items()
        )


def _cuts(piece: Piece) -> Iterator[frozenset[int]]:
    """The line numbers of a piece, ever fewer: all, those that matter, those around the failing ones."""
    yield frozenset(number for number, _ in piece.lines)
    if piece.core:
        yield frozenset(piece.core)
    if piece.marked:
        first = piece.lines[0][0]
        for margin in (10, 5, 2, 0):
            yield frozenset(
                number for number, _ in piece.lines if number == first or any(abs(number - m) <= margin for m in piece.marked)
            )


def _about(titles: Mapping[str, Sequence[str]]) -> str:
    """``Cart.total (the code that failed); Cart.first, Cart.last (used by the code that failed); imports``."""
    parts = (", ".join(names) if list(names) == [kind] else f"{', '.join(names)} ({kind})" for kind, names in titles.items())
    return "; ".join(parts)


def _describe(piece: Piece) -> str:
    return f"{piece.file}: {piece.title} ({piece.kind})"


def _code(lines: Mapping[int, str], marked: Container[int]) -> str:
    width = len(str(max(lines, default=1)))
    shown: list[str] = []
    previous: int | None = None
    for number, line in sorted(lines.items()):
        goes_on = previous == number - 1
        if previous is not None and not goes_on:
            shown.append("." * (width + 2))
        is_marked = number in marked
        told = str(number) if is_marked or not goes_on or _is_numbered(number) else ""
        shown.append(f"{'>' if is_marked else ' '} {told:>{width}} | {_short(line)}".rstrip())
        previous = number
    return "\n".join(shown)


def _is_numbered(number: int) -> bool:
    """Every fifth line shows its number: one on every line would take a quarter of the room for code."""
    return number % 5 == 0


def _numbered(number: int, line: str) -> str:
    return f"  {number if _is_numbered(number) else '   '} | {_short(line)}\n"


def _short(line: str) -> str:
    if len(line) <= _MAX_LINE:
        return line
    half = _MAX_LINE // 2
    return f"{line[:half]} [... {len(line) - 2 * half} characters not shown ...] {line[-half:]}"


# -- what goes in ----------------------------------------------------------------------------------------------


def _gather(context: CrashContext, hypothesis: Diagnosis | None) -> _Material:
    names = {p.frame.filename: p.file.name for crash in context.crashes for p in crash.frames if p.file is not None}
    texts = [_traceback(context.traceback, frames, names) for frames in (None, 40, 20, 10, 6, 4, 2)]
    pieces = tuple(sorted(context.pieces, key=lambda piece: piece.rank))
    wanted = {piece.file for piece in pieces}
    return _Material(
        tracebacks=tuple(text for text, _ in groupby(texts)),
        facts="\n".join(f"- {fact}" for fact in _facts(context)),
        hypothesis=_hypothesis(hypothesis),
        following="\n".join(_short(line) for line in context.traceback.following),
        changes=_changes(context.changes),
        library=context.library,
        pieces=pieces,
        files={file.name: file.text for file in context.files if file.name in wanted},
    )


def _traceback(traceback: Traceback, max_frames: int | None, names: Mapping[str, str]) -> str:
    """The traceback as its language prints it, with short names."""
    if traceback.language == "python":
        return _with_short_names(layouts.format_traceback(traceback, max_frames=max_frames), names)

    def name_of(filename: str) -> str:
        return names.get(filename) or layouts.short_name(filename)

    text = layouts.format_traceback(traceback, max_frames=max_frames, name_of=name_of)
    return "\n".join(map(_short, text.split("\n")))


def _with_short_names(text: str, names: Mapping[str, str]) -> str:
    """Name the project's files as everywhere else in the prompt, and leave out where libraries are installed."""

    def short(match: re.Match[str]) -> str:
        name = names.get(match[1], match[1])
        folder, found, rest = name.replace("\\", "/").rpartition("/site-packages/")
        return f'File "site-packages/{rest}"' if found and folder else f'File "{name}"'

    lines = re.sub(r'(?<=\s)File "([^"\n]{1,1000})"', short, text).split("\n")
    return "\n".join(map(_short, lines))


def _facts(context: CrashContext) -> Iterator[str]:
    if context.traceback.language == "python":
        yield from _interpreter(context.environment)
    yield from dict.fromkeys(
        fact for crash in context.crashes for placed in crash.frames if (fact := _change(placed)) is not None
    )
    yield from (_listing(listing, context) for listing in context.listings[:4])
    for near in context.near_names[:4]:
        yield f"there is no `{near.missing}`; like it among the {near.where}: " + ", ".join(f"`{n}`" for n in near.names)


def _interpreter(environment: Environment) -> Iterator[str]:
    if environment.python is not None:
        yield "Python {}.{}".format(*environment.python)
    if environment.active_virtual_environment is not None:
        yield f"the program ran in the virtual environment `{environment.active_virtual_environment}`"
    elif environment.virtual_environments:
        folders = ", ".join(f"`{folder}`" for folder in environment.virtual_environments[:4])
        yield f"there is a virtual environment in {folders}, which the program did not run in"
    if environment.packages:
        yield "libraries on the stack: " + ", ".join(f"{name} {version}" for name, version in environment.packages)


def _change(placed: PlacedFrame) -> str | None:
    if placed.file is None:
        return None
    if placed.changed:
        return f"`{placed.file.name}` was changed after the crash: its lines are not those of the traceback any more"
    if placed.lineno is not None and placed.frame.lineno not in (None, placed.lineno):
        return f"line {placed.frame.lineno} of `{placed.file.name}` in the traceback is line {placed.lineno} now"
    return None


def _listing(listing: Listing, context: CrashContext) -> str:
    """What a folder holds; the names in a folder that is not the project's stay on this machine."""
    if not listing.exists:
        return f"the folder `{listing.directory}` does not exist"
    own = (PurePath(context.root), PurePath(context.working_directory))
    directory = PurePath(context.working_directory, listing.directory)
    if not any(directory.is_relative_to(folder) for folder in own):
        return f"the folder `{listing.directory}` exists"
    shown = ", ".join(f"`{name}`" for name in listing.names[:30]) or "nothing"
    more = f" and {len(listing.names) - 30} more" if len(listing.names) > 30 else ""
    return f"the folder `{listing.directory}` holds {shown}{more}"


def _changes(changes: Sequence[Change]) -> str:
    """The hunks below the commit that they belong to."""
    lines: list[str] = []
    for heading, hunks in groupby(changes, key=lambda change: (change.when, change.file)):
        when, name = heading
        lines.append(f"{name} ({when})")
        lines += [_short(line) for hunk in hunks for line in hunk.lines]
    return "\n".join(lines)


def _hypothesis(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or diagnosis.confidence is Confidence.UNSURE:
        return ""
    parts = [diagnosis.root_cause]
    if (where := diagnosis.location) is not None:
        parts.append(f"Location: {where.file}" + (f":{where.line}" if where.line is not None else ""))
    if diagnosis.fix is not None:
        parts.append(f"Possible fix: {diagnosis.fix.summary}")
    return "\n".join(part for part in parts if part)


def _redacted(material: _Material) -> _Material:
    """The material without secrets: the same secret has the same mask everywhere."""
    single = (material.facts, material.hypothesis, material.following, material.changes, material.library)
    labels = "\n".join(dict.fromkeys(label for piece in material.pieces for label in (piece.file, piece.title)))
    # A whole file shows more than a piece of it: that a line belongs to a private key, for example.
    loose = {piece: _text_of(piece) for piece in material.pieces if piece.file not in material.files}
    redactor = Redactor([*material.files.values(), material.tracebacks[0], *single, labels, *loose.values()])
    files = {name: redactor.redact(text).split("\n") for name, text in material.files.items()}
    named = dict(zip(labels.split("\n"), redactor.redact(labels).split("\n"), strict=True))

    def redacted_piece(piece: Piece) -> Piece:
        masked = files.get(piece.file)
        alone = redactor.redact(loose[piece]).split("\n") if masked is None else ()
        lines = tuple(
            (number, masked[number - 1] if masked is not None else alone[position])
            for position, (number, _) in enumerate(piece.lines)
        )
        return replace(piece, lines=lines, title=named[piece.title], file=named[piece.file])

    return replace(
        material,
        tracebacks=tuple(map(redactor.redact, material.tracebacks)),
        facts=redactor.redact(material.facts),
        hypothesis=redactor.redact(material.hypothesis),
        following=redactor.redact(material.following),
        changes=redactor.redact(material.changes),
        library=redactor.redact(material.library),
        pieces=tuple(map(redacted_piece, material.pieces)),
        masks=redactor.masks,
    )


def _text_of(piece: Piece) -> str:
    return "\n".join(line for _, line in piece.lines)


# -- Jinja2 ----------------------------------------------------------------------------------------------------


class _Filler:
    """Fills one template again and again, to find out what fits."""

    def __init__(self, template: Template, budget: int, language: str) -> None:
        self._template = template
        self._language = language
        self._sections = [(section.role, *_compile(section, template.path)) for section in template.sections]
        self.budget = max(budget, 0)
        self._own = _size(self.fill(_Fields()))

    def cost(self, fields: _Fields) -> int:
        """What the fields add to the template's own text, in tokens."""
        return _size(self.fill(fields)) - self._own

    def fill(self, fields: _Fields) -> tuple[Message, ...]:
        """The messages.

        Raises:
            SettingsError: the template fails.
        """
        variables = {
            "language": self._language,
            "traceback": fields.traceback,
            "facts": fields.facts,
            "hypothesis": fields.hypothesis,
            "following": fields.following,
            "changes": fields.changes,
            "library": fields.library,
            "pieces": fields.pieces,
            "masked": any("<redacted:" in text for text in fields.texts()),
        }
        messages = []
        for role, compiled, counter in self._sections:
            counter.clear()
            messages.append(Message(role, _render(compiled, variables, self._template.path)))
        return tuple(messages)


def _fenced(text: str, language: str = "") -> str:
    """A filter: the text in a code fence that nothing inside it can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", str(text))), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


_FILTERS = frozenset({
    "abs", "capitalize", "count", "d", "default", "fenced", "first", "float", "int", "last", "length", "list", "lower",
    "reverse", "round", "sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
})  # fmt: skip
"""None of these makes much out of little."""


def _check(tree: jinja2.nodes.Template, path: Path) -> None:
    """Refuse what a prompt needs not, and what could take for ever or fill the memory."""
    from jinja2 import nodes

    for node in tree.find_all((nodes.Call, nodes.Filter, nodes.Macro, nodes.CallBlock, nodes.Concat)):
        if isinstance(node, nodes.Filter):
            if node.name not in _FILTERS:
                known = ", ".join(f"`{name}`" for name in sorted(_FILTERS))
                raise _bad(path, node.lineno, f"the filter `{node.name}` is not available", f"known: {known}")
        elif not (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "range"):
            what = "calls (but of `range`), macros and `~` are not available"
            raise _bad(path, node.lineno, what)


def _compile(section: Section, path: Path) -> tuple[jinja2.Template, Counter[str]]:
    """The section as a Jinja2 template, and the counter of its iterations."""
    from jinja2 import TemplateSyntaxError, nodes

    counter: Counter[str] = Counter()
    environment = _environment(counter)
    try:
        # The empty lines above make Jinja2's line numbers those of the file.
        tree = environment.parse("\n" * (section.first_line - 1) + section.text)
        _check(tree, path)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
        return environment.from_string(tree), counter
    except TemplateSyntaxError as error:
        raise _bad(path, error.lineno, f"the template is not valid: {error.message}") from None
    except (RecursionError, MemoryError):
        raise _bad(path, None, "the template is nested too deep") from None


def _environment(counter: Counter[str]) -> jinja2.Environment:
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Jinja2's sandbox, without texts and numbers that are too large to be meant."""

        intercepted_binops = frozenset({"*", "**", "%", "+"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if _makes_much(operator, left, right):
                raise SecurityError(f"`{operator}` would make something too large")
            return super().call_binop(context, operator, left, right)

    def bounded_range(*arguments: int) -> Iterator[int]:
        for number in range(*arguments):
            counter["range"] += 1
            if counter["range"] > _MAX_ITERATIONS:
                raise SecurityError(f"`range` goes on for more than {_MAX_ITERATIONS} steps")
            yield number

    def counted(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            counter["loops"] += 1
            if counter["loops"] > 2 * _MAX_ITERATIONS:
                raise SecurityError(f"the loops go on for more than {2 * _MAX_ITERATIONS} steps")
            yield item

    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.globals.update(range=bounded_range)
    environment.filters.update(fenced=_fenced, counted=counted)
    return environment


def _makes_much(operator: str, left: Any, right: Any) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return operator == "**"
    if operator == "*":
        return max(_as_int(left), _as_int(right)) > _MAX_REPEAT or _length(left) + _length(right) > _MAX_REPEAT
    if operator == "+":
        return _length(left) + _length(right) > _MAX_OUTPUT_CHARS
    return True  # `%` writes a text of any width


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _as_int(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _render(compiled: jinja2.Template, variables: Mapping[str, Any], path: Path) -> str:
    parts: list[str] = []
    size = 0
    try:
        for part in compiled.generate(variables):
            size += len(part)
            if size > _MAX_OUTPUT_CHARS:
                raise _bad(path, None, f"the template makes a prompt of more than {_MAX_OUTPUT_CHARS} characters")
            parts.append(part)
    except SettingsError:
        raise
    except Exception as error:  # whatever an expression of the template's author raises
        message = str(error) or type(error).__name__
        raise _bad(path, _template_line(error), f"the template fails: {message[:200]}") from None
    return "".join(parts).strip() + "\n"


def _template_line(error: BaseException) -> int | None:
    """The template's line that an error came from: Jinja2 puts it into the traceback."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
