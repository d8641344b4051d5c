"""Import of bank statements."""
from .formats import PARSERS, BankStatement, StatementLine, StatementParser, detect_format, parser_for, read_statement
from .matching import Allocation, Matcher, MatchKind, MatchRule, Proposal, load_rules

__all__ = [
    "Allocation", "BankStatement", "MatchKind", "MatchRule", "Matcher", "PARSERS", "Proposal",
    "StatementLine", "StatementParser", "detect_format", "load_rules", "parser_for", "read_statement",
]
