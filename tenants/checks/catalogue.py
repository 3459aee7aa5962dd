"""What is verified about whom: a catalogue of checks as data, which an authority changes and every check row copies.

{"checks": [{"key": "gdpr", "method": "manual", "title": {"en": …}, "help": {…}, "required": true, "told": true,
"when": {"personal_data": ["personal"]}, "passes": {"dpo_email": ["*"]}, "valid_days": 730}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.questions.schema import KEY, WrongSet
from tenants.questions.texts import Texts

METHODS: Mapping[str, Any] = {
    "manual": gettext_lazy("By an officer"),
    "answer": gettext_lazy("By the answers, else by an officer"),
    "legal_id": gettext_lazy("Format and check digits of the legal id"),
    "register": gettext_lazy("Lookup in a public register"),
    "country": gettext_lazy("The countries named agree"),
    "mail_domain": gettext_lazy("Mail domain of the contact"),
    "duplicate": gettext_lazy("Known already"),
    "sanctions": gettext_lazy("Sanctions list of the Union"),
    "documents": gettext_lazy("Age of the documents"),
    "pic": gettext_lazy("Format of the participant code"),
}
"""How a check is done, and what that is called."""
BY_ITSELF = frozenset(METHODS) - {"manual"}
ANY = "*"
"""In ``passes``: whatever was answered, if something was."""
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One question that an authority asks of the facts. ``when``: answers, all of which make it apply; ``passes``: of
    the method "answer", those with which it is in order. ``told``: the applicant reads what came of it.
    ``valid_days``: after how many days it has to be looked at again (0: never).
    """

    key: str
    method: str
    title: Texts
    help: Texts = field(default_factory=dict)
    required: bool = True
    told: bool = False
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid_days: int = 0

    def plain(self) -> dict[str, Any]:
        """As it is written down."""
        return {
            "key": self.key, "method": self.method, "title": dict(self.title), "help": dict(self.help),
            "required": self.required, "told": self.told, "when": {k: list(v) for k, v in self.when.items()},
            "passes": {k: list(v) for k, v in self.passes.items()}, "valid_days": self.valid_days,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    rules: tuple[CheckRule, ...]

    def __iter__(self) -> Iterator[CheckRule]:
        return iter(self.rules)

    def rule(self, key: str) -> CheckRule | None:
        return next((rule for rule in self.rules if rule.key == key), None)


def applies(rule: CheckRule, answers: Mapping[str, Any]) -> bool:
    """Whether these answers make it a check of the application."""
    return all(_given(answers.get(key), wanted) for key, wanted in rule.when.items())


def in_order(rule: CheckRule, answers: Mapping[str, Any]) -> bool:
    """Whether the answers alone settle a check of the method "answer"; what was not asked stands in nobody's way."""
    return all(
        answers.get(key) in (None, "", []) or _given(answers.get(key), ok) for key, ok in rule.passes.items()
    ) and (bool(rule.passes) and any(answers.get(key) not in (None, "", []) for key in rule.passes))


def _given(value: Any, wanted: Sequence[str]) -> bool:
    values = set(value) if isinstance(value, list) else {value} if value else set()
    return bool(values) if ANY in wanted else bool(values & set(wanted))


def read(content: Mapping[str, Any]) -> Catalogue:
    """The catalogue that ``content`` describes; raises WrongSet with everything that is wrong with it."""
    wrong: list[str] = []
    raw = content.get("checks")
    if not isinstance(raw, list):
        raise WrongSet([_("The catalogue has no list of checks.")])
    rules = tuple(rule_of(each, wrong) for each in raw)
    keys = [rule.key for rule in rules]
    wrong += [_("“%(key)s” is checked twice.") % {"key": key} for key in sorted({k for k in keys if keys.count(k) > 1})]
    if wrong:
        raise WrongSet(wrong)
    return Catalogue(rules)


def rule_of(raw: Any, wrong: list[str] | None = None) -> CheckRule:
    """One check as it is written down; what is wrong with it is added to ``wrong``."""
    wrong = [] if wrong is None else wrong
    raw = raw if isinstance(raw, Mapping) else {}
    key, method = str(raw.get("key", "")), str(raw.get("method", ""))
    title = _texts(raw.get("title"))
    days = raw.get("valid_days") or 0
    if not KEY.fullmatch(key):
        wrong.append(_("A check has the key “%(key)s”: use small letters, digits and _.") % {"key": key})
    if method not in METHODS:
        wrong.append(
            _("“%(key)s” is done by “%(method)s”, which there is not; there are %(methods)s.")
            % {"key": key, "method": method, "methods": ", ".join(sorted(METHODS))}
        )
    if not title.get("en", "").strip():
        wrong.append(_("“%(key)s” has no English title; others fall back to it.") % {"key": key})
    if not isinstance(days, int) or not 0 <= days <= LONGEST_DAYS:
        wrong.append(_("“%(key)s”: it is valid for 0 to %(most)d days.") % {"key": key, "most": LONGEST_DAYS})
        days = 0
    return CheckRule(
        key, method, title, _texts(raw.get("help")), bool(raw.get("required", True)), bool(raw.get("told")),
        _conditions(raw.get("when"), key, wrong), _conditions(raw.get("passes"), key, wrong), days,
    )  # fmt: skip


def _texts(raw: Any) -> dict[str, str]:
    return {str(language): str(text) for language, text in raw.items()} if isinstance(raw, Mapping) else {}


def _conditions(raw: Any, key: str, wrong: list[str]) -> dict[str, tuple[str, ...]]:
    raw = raw or {}
    if isinstance(raw, Mapping) and all(isinstance(each, list) and each for each in raw.values()):
        return {str(name): tuple(map(str, values)) for name, values in raw.items()}
    wrong.append(_("“%(key)s”: a condition names questions and the answers wanted of them.") % {"key": key})
    return {}
