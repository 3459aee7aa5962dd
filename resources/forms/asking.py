"""The form in which a tenant asks for GPUs: several lines, each added and taken away without losing what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.forms import PlainForm, RadioCards
from portal.ui.times import last_day
from resources.forms.gpus import GPUsField
from resources.models import AccessMode, Grant, QuotaRequest
from resources.queries.modes import limits_text, offered_modes, questionnaire_of
from resources.queries.offers import offered_pools
from resources.services.wishes import MOST, Wish, wish_of
from tenants.models import Project
from tenants.models.tenant import Stage
from tenants.question_forms import field_for
from tenants.questions.answers import WrongAnswer, asked, clean

MOST_GPUS = 100_000
MOST_LINES = 20
LONGEST_TEXT = 4000
YEARS_AHEAD = 5
LATE = timedelta(days=1)
"""By so much a first day may be past: somewhere it is still today."""
PARTS = ("pool", "unit", "amount", "at_once", "since", "until")
"""What a line consists of. Those of the first line are called by these names, those of the third "pool_3" and so on."""


def begin_of(day: date) -> datetime:
    """Midnight with which the day begins, in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def part_name(part: str, number: int) -> str:
    """How the part of a line is called in the form; lines are counted from 1."""
    return part if number == 1 else f"{part}_{number}"


class ModeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only for the type checker
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}|{obj.told} {limits_text(obj)}"


class RequestForm(PlainForm):
    """Lines of GPUs for a project. ``until`` is the last day, included; the database keeps the day after."""

    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("Project"))
    mode = ModeField(
        AccessMode.objects.none(), label=gettext_lazy("Access mode"), to_field_name="public_id", widget=RadioCards,
        empty_label=None,
    )  # fmt: skip
    stage = forms.ChoiceField(
        label=gettext_lazy("Life-cycle stage"), choices=[("", gettext_lazy("As the project")), *Stage.choices], required=False
    )  # fmt: skip
    change = forms.ChoiceField(choices=QuotaRequest.Change.choices, required=False, widget=forms.HiddenInput)
    grant = forms.ModelChoiceField(
        Grant.objects.none(), to_field_name="public_id", required=False, widget=forms.HiddenInput
    )  # fmt: skip
    lines = forms.IntegerField(min_value=1, max_value=MOST_LINES, required=False, widget=forms.HiddenInput)
    purpose = forms.CharField(
        label=gettext_lazy("What you will do with it"),
        help_text=gettext_lazy("The approver reads this: what runs, how long, why this many."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects: Any = self.fields["project"]
        projects.queryset = (
            Project.objects.visible_to(self.user, "request").select_related("tenant").order_by("tenant__name", "name")
        )
        tenant = self.initial.get("tenant")
        if tenant and not self.is_bound:
            projects.queryset = projects.queryset.filter(tenant__public_id=tenant)
        grants: Any = self.fields["grant"]
        grants.queryset = Grant.objects.visible_to(self.user, "renew").select_related(
            "pool__kind", "environment__project"
        )
        self.count = self._count()
        self.initial["lines"] = self.count
        self.questions: list[Any] = []
        self.offer(self.chosen_project())

    def _count(self) -> int:
        typed = str((self.data if self.is_bound else self.initial).get("lines") or "1")
        return min(MOST_LINES, max(1, int(typed))) if typed in map(str, range(1000)) else 1

    def chosen_project(self) -> Project | None:
        """The project typed or begun with; the only one there is chooses itself."""
        projects: Any = self.fields["project"]
        value = self["project"].value()
        try:
            chosen: Project | None = projects.clean(value.pk if isinstance(value, Project) else value)
        except forms.ValidationError:
            chosen = None
        if chosen is None and not self.is_bound:
            first_two = list(projects.queryset[:2])
            chosen = first_two[0] if len(first_two) == 1 else None
            if chosen:
                self.initial["project"] = chosen.pk
        return chosen

    def offer(self, project: Project | None) -> None:
        """Make the fields that depend on the project: its clusters, its authority's access modes, what those ask."""
        pools = list(offered_pools(project)) if project else []
        self.pools = {str(pool.pk): pool for pool in pools}
        self.kinds = {f"any-{pool.kind_id}": pool.kind for pool in pools}
        choices = self._choices(project)
        for number in range(1, self.count + 1):
            for part, field in self._line(choices).items():
                if self.count > 1:
                    field.label = _("Line %(n)d: %(part)s") % {"n": number, "part": field.label}
                self.fields[part_name(part, number)] = field
        self._offer_modes(project)

    def _choices(self, project: Project | None) -> list[Any]:
        if project is None:
            return [("", _("Choose a project first"))]
        kinds = sorted(self.kinds.items(), key=lambda pair: str(pair[1]))
        anywhere = [(key, _("%(kind)s · any cleared cluster") % {"kind": kind}) for key, kind in kinds]
        named = [(key, f"{pool.kind} · {pool.cluster}, {pool.cluster.city}") for key, pool in self.pools.items()]
        return [
            ("", _("Choose")), (_("A cluster that you name"), named), (_("Wherever there is room"), anywhere),
        ]  # fmt: skip

    def _line(self, choices: list[Any]) -> dict[str, forms.Field]:
        return {
            "pool": forms.ChoiceField(
                label=_("GPUs and cluster"), choices=choices,
                help_text=_("Only clusters cleared for the project’s data, in the countries agreed for it."),
                error_messages={
                    "invalid_choice": _(
                        "This project cannot have GPUs there: the cluster is not cleared for its data, lies outside its "
                        "countries, or takes nothing new. Choose one of the clusters offered."
                    )
                },
            ),
            "unit": forms.ChoiceField(
                label=_("Asked for as"), required=False,
                choices=[("gpus", _("GPUs at once")), ("gpu_hours", _("GPU hours, a budget"))],
            ),
            "amount": GPUsField(label=_("How many"), most=MOST),
            "at_once": GPUsField(
                label=_("At most so many at once"), required=False, most=MOST_GPUS,
                help_text=_("For GPU hours only. Left empty, as many as an even pace needs."),
            ),
            "since": forms.DateField(label=_("From")),
            "until": forms.DateField(label=_("Until"), help_text=_("The last day, included.")),
        }  # fmt: skip

    def _offer_modes(self, project: Project | None) -> None:
        modes = offered_modes(project.authority_id) if project else []
        if self.row is not None and self.row.mode_id and all(mode.pk != self.row.mode_id for mode in modes):
            modes.append(self.row.mode)  # a draft keeps the version that it was asked
        field: Any = self.fields["mode"]
        field.queryset = AccessMode.objects.filter(pk__in=[mode.pk for mode in modes]).order_by("position", "slug")
        if not modes:
            del self.fields["mode"]
            return
        self.chosen_mode = next(
            (mode for mode in modes if str(mode.public_id) == str(self["mode"].value() or "")), None
        )
        if self.chosen_mode is None:
            return
        for _step, questions in asked(questionnaire_of(self.chosen_mode), self._answered()):
            for question in questions:
                self.questions.append(question)
                self.fields[f"mode_{question.key}"] = field_for(question)

    chosen_mode: AccessMode | None = None

    def _answered(self) -> Mapping[str, Any]:
        """What is typed in answer to the mode's questions, by their keys."""
        assert self.chosen_mode is not None
        given: dict[str, Any] = {}
        for question in self.chosen_mode.asked:
            name = f"mode_{question.key}"
            if not self.is_bound:
                given[question.key] = self.initial.get(name)
            else:
                data: Any = self.data
                given[question.key] = data.getlist(name) if question.many else data.get(name, "")
        return given

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, self.count + 1):
            self._clean_line(data, number)
        for question in self.questions:
            try:
                clean(question, self._answered().get(question.key))
            except WrongAnswer as wrong:
                if not self.is_draft:
                    self.add_error(f"mode_{question.key}", forms.ValidationError(str(wrong), code="tenants.answer"))
        return data

    @property
    def is_draft(self) -> bool:
        """Whether it is only kept: then what the mode asks may wait."""
        return "draft" in self.data

    def _clean_line(self, data: dict[str, Any], number: int) -> None:
        since, until = (data.get(part_name(part, number)) for part in ("since", "until"))
        today = timezone.localdate()
        farthest = today.replace(year=today.year + YEARS_AHEAD, day=1)
        if since and since < today - LATE and since not in self._days_kept():
            self.add_error(part_name("since", number), _("This day is past. Begin today or later."))
        elif since and until and until < since:
            self.add_error(part_name("until", number), _("The last day is before the first. Choose a later one."))
        for part, day in (("since", since), ("until", until)):
            if day and day > farthest:
                self.add_error(
                    part_name(part, number),
                    _("A request reaches no further than %(day)s. Ask again later for what comes then.")
                    % {"day": date_format(farthest, "j M Y")},
                )

    def _days_kept(self) -> set[date]:
        """First days that the request has already: a draft or a question may have waited past them."""
        lines = self.row.current_lines if self.row is not None else ()
        return {timezone.localtime(line.starts_at).date() for line in lines}

    def line_fields(self) -> list[dict[str, Any]]:
        """The lines as the page shows them."""
        return [
            {"number": number, **{part: self[part_name(part, number)] for part in PARTS}}
            for number in range(1, self.count + 1)
        ]

    def mode_fields(self) -> list[forms.BoundField]:
        return [self[f"mode_{question.key}"] for question in self.questions]

    def wish(self, number: int) -> Wish | None:
        """One line as typed; None while something of it is missing or wrong."""
        data = {part: self.cleaned_data.get(part_name(part, number)) for part in PARTS}
        pool, kind = self.pools.get(data["pool"] or ""), self.kinds.get(data["pool"] or "")
        if not (pool or kind) or not data["amount"] or not data["since"] or not data["until"]:
            return None
        period = begin_of(data["since"]), begin_of(data["until"] + timedelta(days=1))
        if period[1] <= period[0]:
            return None
        if data["unit"] == "gpu_hours":
            return Wish(pool, data["at_once"] or 0, *period, kind=kind, budget_hours=data["amount"])
        return Wish(pool, data["amount"], *period, kind=kind)

    def wishes(self) -> list[Wish]:
        return [wish for number in range(1, self.count + 1) if (wish := self.wish(number))]

    def extra(self) -> dict[str, Any]:
        """What the request says beside its purpose and its lines."""
        return {
            "mode": self.cleaned_data.get("mode"), "stage": self.cleaned_data.get("stage", ""),
            "mode_answers": self._answered() if self.chosen_mode else {},
            **self._changed(),
        }  # fmt: skip

    def changes(self) -> tuple[str, Grant | None]:
        """How it changes which grant, as typed or begun with, or as it was kept; (“new”, None) of new GPUs."""
        if self.row is not None and self.row.grant_id:
            return self.row.change, self.row.grant
        change, field = str(self["change"].value() or ""), self.fields["grant"]
        if change not in QuotaRequest.Change.values or change == QuotaRequest.Change.NEW:
            return QuotaRequest.Change.NEW, None
        try:
            return change, field.clean(self["grant"].value())
        except forms.ValidationError:
            return QuotaRequest.Change.NEW, None

    def _changed(self) -> dict[str, Any]:
        """Which grant it changes, and how."""
        change, grant = self.cleaned_data.get("change"), self.cleaned_data.get("grant")
        return {"change": change, "grant": grant} if change and change != QuotaRequest.Change.NEW and grant else {}


class AnswerForm(RequestForm):
    """What the approver asked for: an answer in words, and the lines as they are now wanted."""

    text = forms.CharField(label=gettext_lazy("Your answer"), max_length=LONGEST_TEXT, widget=forms.Textarea)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["project"]

    def chosen_project(self) -> Project | None:
        project: Project = self.row.project
        return project

    def _offer_modes(self, project: Project | None) -> None:
        """The mode stays the one that was asked; its answers may change."""
        if self.row.mode is not None:
            self.initial["mode"] = self.row.mode.public_id
            self.fields["mode"].initial = self.row.mode.public_id
            self.chosen_mode = self.row.mode
            for _step, questions in asked(questionnaire_of(self.row.mode), self._answered()):
                for question in questions:
                    self.questions.append(question)
                    self.fields[f"mode_{question.key}"] = field_for(question)
        del self.fields["mode"]


def initial_of(request: QuotaRequest) -> dict[str, Any]:
    """A request as the form shows it."""
    lines = list(request.current_lines)
    shown: dict[str, Any] = {
        "project": request.project_id, "stage": request.stage, "purpose": request.purpose, "lines": len(lines),
        "mode": str(request.mode.public_id) if request.mode else "",
        **{f"mode_{key}": value for key, value in request.mode_answers.items()},
    }  # fmt: skip
    for number, line in enumerate(lines, start=1):
        wish = wish_of(line)
        parts = {
            "pool": str(line.pool_id or f"any-{line.kind_id}"), "unit": line.unit,
            "amount": wish.budget_hours or wish.amount, "at_once": wish.amount if wish.budget_hours and wish.amount else "",
            "since": timezone.localtime(line.starts_at).date(), "until": last_day(line.ends_at),
        }  # fmt: skip
        shown |= {part_name(part, number): value for part, value in parts.items()}
    return shown


def with_lines_changed(typed: Mapping[str, Any], *, add: bool = False, remove: int = 0) -> dict[str, Any]:
    """What was typed, with one line more or without the one of that number; the others keep all they hold."""
    shown = dict(typed)
    count = int(shown.get("lines") or 1) if str(shown.get("lines") or "1").isdigit() else 1
    if add and count < MOST_LINES:
        count += 1
        for part in ("unit", "since", "until"):  # most often the next line is of the same time
            shown.setdefault(part_name(part, count), shown.get(part_name(part, count - 1), ""))
    elif remove and 1 <= remove <= count and count > 1:
        for number in range(remove, count):
            for part in PARTS:
                shown[part_name(part, number)] = shown.get(part_name(part, number + 1), "")
        for part in PARTS:
            shown.pop(part_name(part, count), None)
        count -= 1
    return {**shown, "lines": count}
