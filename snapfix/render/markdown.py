"""Markdown: for issues, chats and pull requests."""

from __future__ import annotations

import re

from snapfix.events import ContextReady, DiagnosisReady
from snapfix.render.document import Block, BlockKind, answered_by, headline, sections
from snapfix.render.plain import PlainRenderer

_LANGUAGE = {BlockKind.CODE: "text", BlockKind.DIFF: "diff", BlockKind.COMMAND: "sh"}


class MarkdownRenderer(PlainRenderer):
    """The same answer as plain text, set in Markdown."""

    def _lines(self, ready: ContextReady, answer: DiagnosisReady) -> list[str]:
        lines = [f"# {_code_span(headline(ready.context))}"]
        for section in sections(ready.context, answer.diagnosis, answer.plan):
            remark = f" ({section.remark})" if section.remark else ""
            lines += ["", f"## {section.title}{remark}"]
            for block in section.blocks:
                lines += ["", *_block_lines(block)]
        return [*lines, "", f"*{answered_by(answer.diagnosis)}*"]


def _block_lines(block: Block) -> list[str]:
    language = _LANGUAGE.get(block.kind)
    if language is None:
        return [_harmless(line) for line in block.text.split("\n")]
    fence = "`" * max(3, _longest_run(block.text) + 1)
    return [fence + language, block.text, fence]


def _harmless(line: str) -> str:
    """Prose whose HTML is shown instead of obeyed; what stands between backticks is left as it is."""
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in parts)


def _code_span(text: str) -> str:
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
