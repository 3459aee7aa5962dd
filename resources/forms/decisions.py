"""Forms of those who decide. They say what is well formed; what is lawful is the services' business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.core.errors import PortalError
from portal.ui.forms import PlainForm, RadioCards, offer, put_error
from portal.ui.times import last_day
from resources.forms.asking import begin_of
from resources.forms.conditions import MORE, ConditionRows, stock_for
from resources.forms.requests import LONGEST_TEXT
from resources.models import RequestLine
from resources.queries.capacity import Placement
from resources.queries.deciders import Payer, choose_payer, others_pay, payable, payers
from resources.queries.rulings import SoFar, so_far
from resources.services.placing import Term, wanted
from resources.services.safeguards import check_placements
from tenants.models import Authority, StockText
from tenants.models.outcome import said
from tenants.queries.outcomes import Stock, stock_of
from tenants.services.letters import language_of

DAY = timedelta(days=1)
OF_LINES = ("line_", "pool_", "since_", "until_", "rest_", "hours_")
"""Beginnings of the names of fields about one line."""
OF_REASONS = tuple(use for use in StockText.OF_REQUESTS if use != StockText.Use.QUOTA_CONDITION)
"""Texts that may stand before a reason; those of conditions are offered where a condition is typed."""


class ReasonFields(PlainForm):
    """A reason, and texts of the authority to put before it; ``row`` is the request."""

    phrase = forms.ChoiceField(label=gettext_lazy("Take a text of your authority"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Sent to the tenant and kept in the audit record."),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Authority.objects.visible_to(self.user, "approve").order_by("name")
        office = next((each for each in offices if each.pk == self.row.authority_id), next(iter(offices), None))
        self.texts: dict[str, Stock] = {}
        groups: list[Any] = [("", _("Choose one"))]
        for use in OF_REASONS if office else ():
            found = {f"{use}:{each.key}": each for each in stock_of(office.pk if office else 0, use)}
            self.texts |= found
            groups.append(
                (StockText.Use(use).label, [(key, Truncator(each.text).chars(90)) for key, each in found.items()])
            )
        offer(self, "phrase", groups)

    def combined(self, typed: Mapping[str, Any]) -> str:
        """The chosen text, in the language of who asked, after what is typed already; never twice."""
        chosen, reason = self.texts.get(typed.get("phrase") or ""), (typed.get("reason") or "").strip()
        text = said(chosen.texts, language_of(self.row.requested_by)) if chosen else ""
        return reason if text in reason else "\n\n".join(part for part in (reason, text) if part)

    def clean(self) -> dict[str, Any]:
        """Without a script the text is put in here; what is read back then has it."""
        data = super().clean() or {}
        if data.get("phrase"):
            data["reason"] = self.combined(data)[:LONGEST_TEXT]
            typed: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, or a dictionary of a test
            typed["reason"], typed["phrase"], data["phrase"] = data["reason"], "", ""
            self.data = typed
        return data


class DecisionForm(ReasonFields, ConditionRows):
    """The first person's decision on the lines that one authority may pay: which way, and in part how many of each
    line, where and how long.
    """

    APPROVE, PART, ASK, REJECT = CHOICES = ("approve", "part", "ask", "reject")

    decision = forms.ChoiceField(label=gettext_lazy("Your decision"), widget=RadioCards)
    payer = forms.TypedChoiceField(label=gettext_lazy("Paid from the share of"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.so_far: list[SoFar] = so_far(self.row)
        self.paying = self._choose_payer()
        self.lines = payable(self.so_far, self.paying[1]) if self.paying else []
        decision: Any = self.fields["decision"]
        decision.choices = [
            (self.APPROVE, f"{_('Approve in full')}|{open_text(self.lines)}"),
            (self.PART, f"{_('Approve in part')}|{_('Choose how many, where and until when')}"),
            (self.ASK, f"{_('Ask for changes')}|{_('The clock stops until they answer')}"),
            (self.REJECT, f"{_('Refuse')}|{_('Needs a reason, which they read')}"),
        ]
        left = others_pay([each.line for each in self.lines], self.paying[0]) if self.paying else {}
        for each in self.lines:
            self._add_line(each, others=left[each.line.pk])
        self.add_rows(self.data)
        last = ["phrase", "reason"]
        self.order_fields(["decision", "payer", *(name for name in self.fields if "_" in name), *last])

    def _choose_payer(self) -> Payer | None:
        found = payers(self.user, self.row, self.so_far)
        chosen = choose_payer(found, self.row)
        if len(found) <= 1:
            del self.fields["payer"]
            return chosen
        field: Any = self.fields["payer"]
        field.choices = [(authority.pk, authority.name) for authority, _shares in found]
        self.initial.setdefault("payer", chosen[0].pk if chosen else None)
        typed = str(self["payer"].value())
        return next((pair for pair in found if str(pair[0].pk) == typed), chosen)

    def _add_line(self, each: SoFar, *, others: bool) -> None:
        line, pk = each.line, each.line.pk
        label = _("%(kind)s, at most %(amount)d") % {"kind": line.kind, "amount": each.left}
        self.fields[f"line_{pk}"] = forms.IntegerField(label=label, min_value=0, max_value=each.left, initial=each.left)
        places = self._places(line)
        if len(places) > 1 or line.pool_id is None:
            empty = [] if line.pool_id else [("", _("Choose"))]
            on = forms.TypedChoiceField(
                label=_("On") if line.pool_id else _("Cluster for the %(kind)s") % {"kind": line.kind},
                choices=[*empty, *places], coerce=int, empty_value=None, required=False, initial=line.pool_id,
            )  # fmt: skip
            if line.pool_id is None:
                on.needed_when = _("needed when any are granted")  # type: ignore[attr-defined]  # said beside the label
            self.fields[f"pool_{pk}"] = on
        since, until = timezone.localtime(line.starts_at).date(), last_day(line.ends_at)
        self.fields[f"since_{pk}"] = forms.DateField(label=_("From"), initial=since, required=False)
        self.fields[f"until_{pk}"] = forms.DateField(
            label=_("Until"), initial=until, required=False, help_text=_("The last day, included.")
        )
        if each.budget_left:
            self.fields[f"hours_{pk}"] = forms.IntegerField(
                label=_("GPU hours"), min_value=1, max_value=each.budget_left, required=False,
                help_text=_("%(n)s are open. Left empty, as large a part of what was asked as of the GPUs and the time.")
                % {"n": intcomma(each.budget_left)},
            )  # fmt: skip
        if others:
            self.fields[f"rest_{pk}"] = forms.BooleanField(
                label=_("Leave the rest of it to other authorities"), required=False
            )

    def _places(self, line: RequestLine) -> list[tuple[int, str]]:
        """Pools of the kind that the payer could pay from, the one asked for first."""
        shares = self.paying[1].values() if self.paying else ()
        pools = [share.pool for share in shares if share.pool.kind_id == line.kind_id]
        pools.sort(key=lambda pool: (pool.pk != line.pool_id, pool.cluster.name))
        return [
            (pool.pk, f"{pool.cluster}, {_('as asked')}" if pool.pk == line.pool_id else str(pool.cluster))
            for pool in pools
        ]

    def clean(self) -> dict[str, Any]:
        """What stands in the fields of lines matters only when part is approved; elsewhere it is nobody's mistake."""
        data = super().clean() or {}
        choice = data.get("decision")
        if choice != self.PART:
            self._forgive(self._of_parts() if choice == self.APPROVE else OF_LINES)
        elif not self.errors and not any(data.get(f"line_{each.line.pk}") for each in self.lines):
            self.add_error(f"line_{self.lines[0].line.pk}", _("To give none of it, refuse the request and say why."))
        if choice in {self.APPROVE, self.PART}:
            for each in self.lines:
                self._clean_place(each, each.left if choice == self.APPROVE else data.get(f"line_{each.line.pk}"))
        if choice in {self.ASK, self.REJECT} and not data.get("reason", "").strip():
            self.add_error("reason", _("Write it down: the tenant reads it, and it stays in the record."))
        if choice == self.PART and not self.errors:
            self._clean_part(data)
        self._clean_conditions(choice)
        return data

    def _of_parts(self) -> tuple[str, ...]:
        """Beginnings of the names of fields that say nothing when all is approved."""
        named = (f"pool_{each.line.pk}" for each in self.lines if each.line.pool_id is not None)
        return ("line_", "since_", "until_", "rest_", "hours_", *named)

    def _forgive(self, beginnings: tuple[str, ...]) -> None:
        for name in [name for name in self.errors if name.startswith(beginnings)]:
            del self.errors[name]

    def _clean_place(self, each: SoFar, gpus: int | None) -> None:
        """What a request leaves to the decider has to be somewhere, once any of it is granted."""
        name, kind = f"pool_{each.line.pk}", each.line.kind
        if not gpus or each.line.pool_id is not None or self.cleaned_data.get(name) or name in self.errors:
            return
        self.add_error(
            name,
            ngettext(
                "No cluster is chosen for the %(n)d %(kind)s: the request leaves that to you. Choose the one that gives it.",
                "No cluster is chosen for the %(n)d %(kind)s: the request leaves that to you. Choose the one that gives them.",
                gpus,
            )
            % {"n": gpus, "kind": kind},
        )

    def _clean_part(self, data: dict[str, Any]) -> None:
        """Say at its field what the service would say of the lines, before anything of it is read back as a decision."""
        if self.paying is None:
            return
        left = {each.line.pk: each.left for each in self.lines}
        try:
            check_placements(wanted(self.lines, self.paying, self.terms()), left, data.get("reason", ""))
        except PortalError as wrong:
            put_error(self, wrong)

    def _clean_conditions(self, choice: str | None) -> None:
        """Of a refusal or a question no condition is anybody's mistake; where another row is asked for, nothing is yet."""
        if choice in {self.APPROVE, self.PART}:
            ends = [each.ends_at for each in self.placements() if each.give]
            ends = ends or [each.line.ends_at for each in self.lines]
            self.check_rows(self.paying[0] if self.paying else None, max(ends, default=None))
        elif choice:
            self._forgive(("condition_",))
        if MORE in self.data:
            self.errors.clear()

    def line_fields(self) -> list[list[forms.BoundField]]:
        """The fields of each line, line by line; without those of ``place_fields``, which stand beside them."""
        names = ("line", "pool", "since", "until", "hours", "rest")
        return [
            [
                self[f"{name}_{each.line.pk}"] for name in names
                if f"{name}_{each.line.pk}" in self.fields and (name != "pool" or each.line.pool_id is not None)
            ]
            for each in self.lines
        ]  # fmt: skip

    def place_fields(self) -> list[forms.BoundField]:
        """Where lines that name no cluster are granted: asked for whichever way they are approved."""
        return [self[f"pool_{each.line.pk}"] for each in self.lines if each.line.pool_id is None]

    def is_unplaced(self) -> bool:
        """Whether it approves lines of which nobody has said yet on which cluster they are granted."""
        terms = self.terms()
        return any(
            each.line.pool_id is None and not terms[each.line.pk].pool for each in self.lines if each.line.pk in terms
        )

    def condition_stock(self) -> list[str]:
        """Conditions of the authority that pays, to choose from."""
        return stock_for(self.paying[0] if self.paying else None)

    def terms(self) -> dict[int, Term]:
        """Line id → what is wanted of it, as typed; what was not typed is as asked."""
        typed = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        choice = typed.get("decision", self.APPROVE)
        if choice in {self.ASK, self.REJECT}:
            return {}
        return {each.line.pk: self._term(each, typed, part=choice == self.PART) for each in self.lines}

    def _term(self, each: SoFar, typed: dict[str, Any], *, part: bool) -> Term:
        line, pk = each.line, each.line.pk
        pool = typed.get(f"pool_{pk}")
        if not part:
            return Term(each.left, pool if line.pool_id is None else None)
        gpus = typed.get(f"line_{pk}")
        return Term(
            each.left if gpus is None else gpus,
            pool,
            _begins(typed.get(f"since_{pk}"), line.starts_at),
            _ends(typed.get(f"until_{pk}"), line.ends_at),
            rest_open=bool(typed.get(f"rest_{pk}")),
            budget_hours=typed.get(f"hours_{pk}"),
        )

    def placements(self) -> list[Placement]:
        """What the decision as typed would give; lines without a place yet are left out."""
        if not self.paying:
            return []
        placed = {
            pk: term
            for pk, term in self.terms().items()
            if term.pool or next(each.line.pool_id for each in self.lines if each.line.pk == pk)
        }
        try:
            return wanted(self.lines, self.paying, placed) if placed else []
        except PortalError:
            return []

    def wrong_amounts(self) -> list[str]:
        """What is wrong with the lines as they are typed now."""
        names = [name for name in self.errors if name.startswith(OF_LINES)]
        return [str(error) for name in names for error in self.errors[name]]


def _begins(typed: date | None, asked: datetime) -> datetime | None:
    """The moment with which a typed first day begins; None: as asked."""
    return None if typed is None or typed == timezone.localtime(asked).date() else begin_of(typed)


def _ends(typed: date | None, asked: datetime) -> datetime | None:
    """The moment at which a typed last day is over; None: as asked."""
    return None if typed is None or typed == last_day(asked) else begin_of(typed + DAY)


class SecondForm(ReasonFields):
    """The second person's decision about what the first one approved."""

    CONFIRM, SEND_BACK = CHOICES = ("confirm", "send_back")

    decision = forms.ChoiceField(label=gettext_lazy("Your decision"), widget=RadioCards)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision: Any = self.fields["decision"]
        decision.choices = [
            (self.CONFIRM, f"{_('Confirm')}|{_('It takes effect')}"),
            (self.SEND_BACK, f"{_('Send back')}|{_('Needs a reason; nothing is granted')}"),
        ]
        self.order_fields(["decision", "phrase", "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == self.SEND_BACK and not data.get("reason", "").strip():
            self.add_error("reason", _("Write down why: the first person reads it, and it stays in the record."))
        return data


def open_text(lines: Iterable[SoFar]) -> str:
    """What is open of the lines in words: "48 H100 SXM, 96 H200"."""
    return ", ".join(f"{each.left} {each.line.kind}" for each in lines if each.is_open)


def given_text(lines: Iterable[SoFar], terms: dict[int, Term]) -> str:
    """What would be given of what is open: "3 of 5 H100 SXM", with the days where they are not those asked for."""
    return ", ".join(_given_of(each, terms[each.line.pk]) for each in lines if each.line.pk in terms)


def _given_of(each: SoFar, term: Term) -> str:
    line = each.line
    said = _("%(given)d of %(asked)d %(kind)s") % {"given": term.gpus, "asked": each.left, "kind": line.kind}
    if not term.gpus or (term.starts_at is None and term.ends_at is None):
        return said
    since = timezone.localtime(term.starts_at or line.starts_at).date()
    until = last_day(term.ends_at or line.ends_at)
    return _("%(what)s from %(since)s until %(until)s") % {
        "what": said, "since": date_format(since, "j M Y"), "until": date_format(until, "j M Y"),
    }  # fmt: skip
