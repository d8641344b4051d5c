"""The JSON document of ``snapfix parse``: one traceback as it was read; the stable interface for other programs.

``ParsedDocument.model_json_schema()`` is its schema. A field may be added without a new version; a field that changes
its meaning, or goes, raises ``PARSED_VERSION``.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict  # noqa: TID253 - imported only with --json

from snapfix.crash import Frame, ParsedException, Relation, Traceback

PARSED_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Part):
    """Lines of the input, 1-based and inclusive."""

    first_line: int
    last_line: int


class ParsedFrame(_Part):
    """One entry of a stack, as printed.

    ``line`` is null where none was printed, ``function`` and ``code`` are then ``""``. ``column`` (1-based) and
    ``repeats`` (how many more times the frame was repeated) are there only where they are known.
    """

    file: str
    line: int | None
    function: str
    code: str
    column: int | None = None
    repeats: int = 0


class ParsedError(_Part):
    """One exception; ``frames`` are outermost first.

    ``relation`` says what it is to the exception that follows in the list: its cause, or the context that it was
    raised in; a group member belongs to the group that stands before it. It is null for the exception that was
    reported in the end.
    """

    type: str
    message: str
    notes: tuple[str, ...]
    frames: tuple[ParsedFrame, ...]
    relation: Relation | None


class ParsedDocument(_Part):
    """One traceback.

    ``exceptions`` has the one that started it first. ``in_app`` is the innermost frame of the user's own code, as far
    as the text tells. ``fingerprint`` is equal for crashes of the same kind. ``missing`` says what was cut off.
    """

    version: int
    language: str
    format: str
    origin: str
    span: Span
    exceptions: tuple[ParsedError, ...]
    in_app: ParsedFrame | None
    fingerprint: str
    missing: tuple[str, ...]


def document(traceback: Traceback) -> dict[str, Any]:
    """The document of a traceback, ready for JSON."""
    in_app = traceback.innermost_in_app
    parsed = ParsedDocument(
        version=PARSED_VERSION,
        language=traceback.language,
        format=traceback.format,
        origin=traceback.origin,
        span=Span(first_line=traceback.first_line, last_line=traceback.last_line),
        exceptions=tuple(_error(exception) for exception in traceback.exceptions()),
        in_app=_frame(in_app) if in_app else None,
        fingerprint=traceback.fingerprint,
        missing=traceback.missing,
    )
    # The only fields with a default are those that are left away where they are not known.
    return parsed.model_dump(mode="json", exclude_defaults=True)


def _error(exception: ParsedException) -> ParsedError:
    return ParsedError(
        type=exception.type_name,
        message=exception.message,
        notes=exception.notes,
        frames=tuple(_frame(frame) for frame in exception.frames),
        relation=exception.relation,
    )


def _frame(frame: Frame) -> ParsedFrame:
    return ParsedFrame(
        file=frame.filename,
        line=frame.lineno,
        function=frame.name,
        code=frame.code,
        column=frame.column,
        repeats=frame.repeats,
    )
