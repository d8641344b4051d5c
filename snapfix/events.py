"""What happens during one diagnosis, in order: the pipeline yields these, a renderer handles them."""

from __future__ import annotations

from dataclasses import dataclass

from snapfix.crash import CrashContext, LeftOut
from snapfix.diagnosis import Diagnosis, PatchPlan
from snapfix.failures import Failure
from snapfix.link import Link


@dataclass(frozen=True, slots=True)
class Group:
    """Tracebacks of one kind (by fingerprint): the latest of them in short, and how many there are."""

    type_name: str
    message: str
    origin: str
    first_line: int
    last_line: int
    fingerprint: str
    count: int


@dataclass(frozen=True, slots=True)
class OthersFound:
    """The input holds more tracebacks than are analysed.

    ``total`` counts all of them; ``groups`` are the kinds that are not analysed, the latest last.
    """

    origin: str
    total: int
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
