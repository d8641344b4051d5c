"""Tax codes, rates over time, and the computation of tax on documents."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from .errors import NotFound, ValidationError
from .money import HUNDRED, ZERO, Money, Rounding, to_decimal


class TaxKind(Enum):
    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse_charge"
    COMPOUND = "compound"


class TaxDirection(Enum):
    OUTPUT = "output"
    INPUT = "input"


@dataclass(frozen=True)
class TaxRate:
    percent: Decimal
    valid_from: date
    valid_to: date | None = None

    def applies(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass
class TaxRule:
    """One tax code: what it is, its rates over time, and where it is posted."""

    code: str
    name: str
    kind: TaxKind
    rates: list[TaxRate] = field(default_factory=list)
    output_account: str | None = None
    input_account: str | None = None
    components: tuple[str, ...] = ()
    box: str | None = None

    def rate_on(self, on: date) -> Decimal:
        if self.kind in (TaxKind.ZERO, TaxKind.EXEMPT):
            return ZERO
        for rate in self.rates:
            if rate.applies(on):
                return rate.percent
        raise ValidationError(f"tax {self.code}", [f"no rate is valid on {on}"])

    def account_for(self, direction: TaxDirection) -> str:
        code = self.output_account if direction is TaxDirection.OUTPUT else self.input_account
        if code is None:
            raise ValidationError(f"tax {self.code}", [f"has no {direction.value} account"])
        return code

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "name": self.name, "kind": self.kind.value}
        data["rates"] = [
            {
                "percent": str(rate.percent),
                "from": rate.valid_from.isoformat(),
                **({"to": rate.valid_to.isoformat()} if rate.valid_to else {}),
            }
            for rate in self.rates
        ]
        for key in ("output_account", "input_account", "box"):
            if getattr(self, key):
                data[key] = getattr(self, key)
        if self.components:
            data["components"] = list(self.components)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TaxRule:
        rates = [
            TaxRate(
                to_decimal(item["percent"]),
                date.fromisoformat(item["from"]),
                date.fromisoformat(item["to"]) if item.get("to") else None,
            )
            for item in data.get("rates", [])
        ]
        return cls(
            code=data["code"],
            name=data["name"],
            kind=TaxKind(data["kind"]),
            rates=sorted(rates, key=lambda rate: rate.valid_from),
            output_account=data.get("output_account"),
            input_account=data.get("input_account"),
            components=tuple(data.get("components", ())),
            box=data.get("box"),
        )


class Taxable(Protocol):
    """What the engine needs to know of a document line."""

    @property
    def tax_code(self) -> str | None: ...

    @property
    def extended(self) -> Money: ...


@dataclass
class TaxShare:
    """The tax of one code on one document."""

    code: str
    percent: Decimal
    net: Money
    tax: Money
    kind: TaxKind
    due: bool = True

    @property
    def gross(self) -> Money:
        return self.net + self.tax if self.due else self.net


@dataclass
class TaxBreakdown:
    currency: str
    shares: list[TaxShare] = field(default_factory=list)
    line_taxes: list[Money] = field(default_factory=list)

    @property
    def net(self) -> Money:
        return Money.sum((share.net for share in self.shares), self.currency)

    @property
    def tax(self) -> Money:
        """Tax that the customer pays; reverse-charged tax is left out."""
        return Money.sum((share.tax for share in self.shares if share.due), self.currency)

    @property
    def gross(self) -> Money:
        return self.net + self.tax

    def share(self, code: str) -> TaxShare:
        for item in self.shares:
            if item.code == code:
                return item
        raise NotFound("tax share", code)


Method = Callable[["TaxEngine", TaxRule, Money, date], Money]

METHODS: dict[TaxKind, Method] = {}


def method(*kinds: TaxKind) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        for kind in kinds:
            METHODS[kind] = function
        return function

    return register


@method(TaxKind.STANDARD, TaxKind.REDUCED, TaxKind.REVERSE_CHARGE)
def _percentage(engine: TaxEngine, rule: TaxRule, net: Money, on: date) -> Money:
    return net.percent(rule.rate_on(on))


@method(TaxKind.ZERO, TaxKind.EXEMPT)
def _nothing(engine: TaxEngine, rule: TaxRule, net: Money, on: date) -> Money:
    return Money.zero(net.currency)


@method(TaxKind.COMPOUND)
def _compound(engine: TaxEngine, rule: TaxRule, net: Money, on: date) -> Money:
    """Each component is charged on the net amount plus the components before it."""
    total = Money.zero(net.currency)
    for code in rule.components:
        part = engine.rule(code)
        total = total + METHODS[part.kind](engine, part, net + total, on)
    return total


class TaxEngine:
    """Computes the tax of documents from the registered rules."""

    def __init__(
        self,
        rules: Iterable[TaxRule] = (),
        rounding: Rounding = Rounding.HALF_UP,
        per_line: bool = False,
        default_code: str | None = None,
    ) -> None:
        self.rounding = rounding
        self.per_line = per_line
        self.default_code = default_code
        self._rules: dict[str, TaxRule] = {}
        for rule in rules:
            self.register(rule)

    def register(self, rule: TaxRule) -> None:
        missing = [code for code in rule.components if code not in self._rules]
        if missing:
            raise ValidationError(f"tax {rule.code}", [f"unknown component {code}" for code in missing])
        self._rules[rule.code] = rule

    def rule(self, code: str) -> TaxRule:
        try:
            return self._rules[code]
        except KeyError:
            raise NotFound("tax code", code) from None

    def rules(self) -> list[TaxRule]:
        return [self._rules[code] for code in sorted(self._rules)]

    def effective_percent(self, code: str, on: date) -> Decimal:
        """The rate as a customer sees it, compound rates multiplied out."""
        rule = self.rule(code)
        if rule.kind is not TaxKind.COMPOUND:
            return rule.rate_on(on)
        factor = Decimal(1)
        for part in rule.components:
            factor *= 1 + self.effective_percent(part, on) / HUNDRED
        return (factor - 1) * HUNDRED

    def tax_on(self, code: str, net: Money, on: date) -> Money:
        rule = self.rule(code)
        return METHODS[rule.kind](self, rule, net, on)

    def net_of(self, code: str, gross: Money, on: date) -> Money:
        percent = self.effective_percent(code, on)
        return Money(gross.amount * HUNDRED / (HUNDRED + percent), gross.currency)

    def compute(
        self,
        lines: Sequence[Taxable],
        on: date,
        code: str,
        inclusive: bool = False,
        document_discount: Money | None = None,
    ) -> TaxBreakdown:
        """The tax of a document.

        Tax is rounded once per tax code, or once per line where the engine is set
        so; the rounded parts then carry over into the share of their code. With
        `inclusive`, the extended amounts of the lines contain the tax already.
        A discount on the document lowers the lines in proportion to their amounts.
        """
        breakdown = TaxBreakdown(currency=code)
        if not lines:
            return breakdown

        amounts = [line.extended for line in lines]
        if document_discount:
            weights = [abs(amount.amount) for amount in amounts]
            reductions = document_discount.allocate(weights)
            amounts = [amount - cut for amount, cut in zip(amounts, reductions)]

        nets: dict[str, Money] = {}
        taxes: dict[str, Money] = {}
        grosses: dict[str, Money] = {}
        order: list[str] = []
        for line, amount in zip(lines, amounts):
            tax_code = line.tax_code or self.default_code
            if tax_code is None:
                raise ValidationError("tax", ["line has no tax code and there is no default"])
            rule = self.rule(tax_code)
            if amount.currency != code:
                raise ValidationError("tax", [f"line in {amount.currency} on a document in {code}"])
            if tax_code not in nets:
                order.append(tax_code)
                nets[tax_code] = Money.zero(code)
                taxes[tax_code] = Money.zero(code)
                grosses[tax_code] = Money.zero(code)

            if inclusive and rule.kind is not TaxKind.REVERSE_CHARGE:
                net = self.net_of(tax_code, amount, on)
                tax = amount - net
                grosses[tax_code] = grosses[tax_code] + amount
            else:
                net = amount
                tax = self.tax_on(tax_code, net, on)
            if self.per_line:
                tax = tax.rounded(self.rounding)
                if inclusive and rule.kind is not TaxKind.REVERSE_CHARGE:
                    net = amount - tax
            nets[tax_code] = nets[tax_code] + net
            taxes[tax_code] = taxes[tax_code] + tax
            breakdown.line_taxes.append(tax.rounded(self.rounding))

        for tax_code in order:
            rule = self.rule(tax_code)
            tax = taxes[tax_code].rounded(self.rounding)
            if grosses[tax_code]:
                net = grosses[tax_code].rounded() - tax
            else:
                net = nets[tax_code].rounded()
            breakdown.shares.append(
                TaxShare(
                    code=tax_code,
                    percent=self.effective_percent(tax_code, on),
                    net=net,
                    tax=tax,
                    kind=rule.kind,
                    due=rule.kind is not TaxKind.REVERSE_CHARGE,
                )
            )

        # the taxes shown with the lines add up to the tax of their code; the last
        # line of a code takes the difference
        for share in breakdown.shares:
            places = [
                place for place, line in enumerate(lines) if (line.tax_code or self.default_code) == share.code
            ]
            shown = Money.sum((breakdown.line_taxes[place] for place in places), code)
            if shown != share.tax:
                last = places[-1]
                breakdown.line_taxes[last] = breakdown.line_taxes[last] + (share.tax - shown)
        return breakdown


@dataclass
class TaxBox:
    """One line of the tax return."""

    name: str
    base: Decimal = ZERO
    tax: Decimal = ZERO

    def add(self, base: Decimal, tax: Decimal) -> None:
        self.base += base
        self.tax += tax
