"""What can go wrong with one attempt at one link, and what follows from it: one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Why an attempt gave no diagnosis. The values are stable: they are stored and shown in ``--json``."""

    RATE_LIMIT = "rate-limit"
    TIMEOUT = "timeout"
    SERVER_ERROR = "server-error"
    UNREACHABLE = "unreachable"
    MODEL_GONE = "model-gone"
    CONTEXT_TOO_LONG = "context-too-long"
    BAD_REQUEST = "bad-request"
    BAD_KEY = "bad-key"
    NO_KEY = "no-key"
    NO_CREDIT = "no-credit"
    REFUSED = "refused"
    CUT_OFF = "cut-off"
    BAD_ANSWER = "bad-answer"
    BREAKER_OPEN = "breaker-open"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a kind of failure leads to.

    Attributes:
        counts: it counts against the link's circuit breaker (the link itself is at fault).
        stops_cloud: another cloud provider would not help, or must not be tried behind the user's back:
            the remaining cloud links are skipped; local links and the offline analyser go on.
        hint: what the user can do about it; ``{variable}``, ``{model}`` and ``{successor}`` are filled in.
    """

    counts: bool
    stops_cloud: bool
    hint: str


POLICIES: dict[FailureKind, Policy] = {
    FailureKind.RATE_LIMIT: Policy(True, False, "wait a minute, or name another model with `--model`"),
    FailureKind.TIMEOUT: Policy(True, False, "raise the limits under `[timeouts]` in the configuration"),
    FailureKind.SERVER_ERROR: Policy(True, False, "the provider is at fault: try again later"),
    FailureKind.UNREACHABLE: Policy(True, False, "check the network, the proxy and `api_base`"),
    FailureKind.MODEL_GONE: Policy(False, False, "use `--model {successor}` instead"),
    FailureKind.CONTEXT_TOO_LONG: Policy(False, False, "lower `context_tokens` in the configuration"),
    FailureKind.BAD_REQUEST: Policy(False, True, "see what is sent with `--show-prompt`"),
    FailureKind.BAD_KEY: Policy(False, True, "check the key in `{variable}`"),
    FailureKind.NO_KEY: Policy(False, False, "set `{variable}`"),
    FailureKind.NO_CREDIT: Policy(False, False, "top up the account behind `{variable}`"),
    FailureKind.REFUSED: Policy(False, False, "name another model with `--model`"),
    FailureKind.CUT_OFF: Policy(True, False, "try again: the connection broke while the answer was arriving"),
    FailureKind.BAD_ANSWER: Policy(False, False, "name a larger model with `--model`"),
    FailureKind.BREAKER_OPEN: Policy(False, False, "it is tried again when the pause is over"),
    FailureKind.NOT_ASKED: Policy(False, False, "name it with `--model` to ask it first"),
    FailureKind.UNKNOWN: Policy(True, False, "see the message; `--offline` works without any provider"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed or skipped attempt.

    Attributes:
        kind: what it was.
        message: one sentence, safe to show (no keys, no control characters).
        hint: what to do, filled in.
        status: the HTTP status, or None where no answer arrived.
        seconds: how long the attempt took; 0.0 for a skipped link.
    """

    kind: FailureKind
    message: str
    hint: str = ""
    status: int | None = None
    seconds: float = 0.0

    @property
    def policy(self) -> Policy:
        """The row of the table that decides what happens next."""
        return POLICIES[self.kind]


class ProviderFailed(Exception):  # noqa: N818 - an event of the chain, not an error of the program
    """Raised inside a transport or a reader to end one attempt; it never leaves the chain."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
