"""What happens during one diagnosis, in order: the pipeline yields these, a renderer handles them."""

from __future__ import annotations

from dataclasses import dataclass

from snapfix.crash import CrashContext, LeftOut
from snapfix.diagnosis import Diagnosis, Location, PatchPlan
from snapfix.failures import Failure
from snapfix.link import Link


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of an input, 1-based and inclusive."""

    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Group:
    """The tracebacks of one kind (by fingerprint) in one input.

    Attributes:
        number: 1 for the kind that appeared first in the input; what ``--pick`` takes.
        type_name, message: of the exception that started the latest of them, shortened.
        place: the innermost frame of the user's own code in the latest of them, as printed.
        origin: the input.
        first, last: where the first and the latest of them stand; the same where there is one.
        fingerprint: what they have in common.
        count: how many there are.
    """

    number: int
    type_name: str
    message: str
    place: Location | None
    origin: str
    first: Span
    last: Span
    fingerprint: str
    count: int


@dataclass(frozen=True, slots=True)
class OthersFound:
    """The input holds more tracebacks than are analysed.

    Attributes:
        origin: the input.
        total: tracebacks in it.
        kinds: of how many kinds they are.
        analysed: the number of the kind that is analysed.
        latest: the number of the kind that the last traceback is of.
        groups: the kinds that are not analysed, by number; with the analysed one where it occurs more than once.
    """

    origin: str
    total: int
    kinds: int
    analysed: int
    latest: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class ContextReady:
    """The traceback was read and its sources found."""

    context: CrashContext


@dataclass(frozen=True, slots=True)
class DiagnosisReady:
    """A diagnosis, with its fix checked against the files.

    The offline analyser's comes first (``offline`` is True); a model's may follow. The last one stands.
    """

    diagnosis: Diagnosis
    plan: PatchPlan
    offline: bool


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A link is being asked.

    ``number`` counts the attempts of this run from 1; ``tokens`` is the prompt's size; ``left_out`` did not fit in.
    """

    link: Link
    number: int
    tokens: int
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptSkipped:
    """A link was passed over without a byte being sent to it."""

    link: Link
    failure: Failure


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next part of the answer, as it arrived."""

    text: str


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The attempt is over without a diagnosis; text that it delivered is void. ``streamed``: there was some."""

    link: Link
    failure: Failure
    streamed: bool = False


@dataclass(frozen=True, slots=True)
class AttemptAnswered:
    """A link's answer was read as a diagnosis."""

    link: Link
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class ChainExhausted:
    """No link gave a diagnosis: the offline one stands. ``outcomes`` names each link and what happened, in order."""

    outcomes: tuple[AttemptFailed | AttemptSkipped, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something works less well than it should, and the user can mend it. Said once, on standard error."""

    code: str
    message: str
    hint: str = ""


ChainEvent = AttemptStarted | AttemptSkipped | TextDelta | AttemptFailed | AttemptAnswered | ChainExhausted | Warned
Event = (
    OthersFound
    | ContextReady
    | DiagnosisReady
    | AttemptStarted
    | AttemptSkipped
    | TextDelta
    | AttemptFailed
    | ChainExhausted
    | Warned
)
