"""Asking for GPUs: a new request, a draft again, a copy, an answer; and the part that follows what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch
from portal.core.errors import MovedMeanwhile, PortalError
from portal.models import User
from portal.ui.pages import FormPage, Page, Text
from resources.forms.asking import AnswerForm, RequestForm, initial_of, with_lines_changed
from resources.models import MaintenanceWindow, QuotaRequest
from resources.quantities import Promise
from resources.queries.fitting import Held, Room, held_by, rooms
from resources.queries.maintenance import ahead
from resources.queries.requests import face_of
from resources.services import requests as service
from resources.services.wishes import Wish, check_mode, check_wishes
from resources.views.grants import use_of_changed
from tenants.models import Project, Tenant

Change = QuotaRequest.Change
MOST_PLACES = 5


class RequestNew(FormPage):
    """Ask for GPUs: sent at once, or kept as a draft. Lines are added and taken away by buttons of the same form."""

    form_class = RequestForm
    template_name = "resources/request_form.html"
    nav = "requests"
    title = gettext_lazy("Ask for GPUs")
    lede = gettext_lazy("An approver of an authority with a share of these GPUs decides about it.")
    button = gettext_lazy("Send request")
    drafts = True
    shadow: Any = None
    """The form as posted with a button that only changes it, for what is said beside it."""

    def allow(self) -> None:
        if not Project.objects.visible_to(self.user, "request").exists():
            fetch(Project.objects.all(), self.user, "request", pk=None)

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        """Who has no project yet is led to opening one, since that is what asks."""
        tenants = Tenant.objects.visible_to(self.user, "manage_projects").filter(state=Tenant.State.ACTIVE)
        mine = tenants.first() if not Project.objects.visible_to(self.user, "request").exists() else None
        if self.queryset is None and mine is not None:
            messages.info(request, _("It is a project that asks for GPUs, and there is none yet. Open one, then ask."))
            return redirect("project-new", mine.public_id)
        return super().get(request, public_id, **kwargs)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        """A button that only changes the form shows it again with all that was typed, and complains about nothing."""
        buttons = {"add", "remove", "refresh"} & request.POST.keys()
        if not buttons:
            return super().post(request, public_id, **kwargs)
        self.load(public_id)
        self.shadow = self.make_form(request.POST)
        self.shadow.is_valid()
        gone = request.POST.get("remove", "")
        typed = with_lines_changed(
            _as_typed(request.POST), add="add" in buttons, remove=int(gone) if gone.isdigit() else 0
        )
        return self.show(self.form_class(None, initial=typed, user=self.user, row=self.row))

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests"))]

    def context(self, form: Any) -> dict[str, Any]:
        return {"drafts": self.drafts, **weighed(self.shadow or form), **asked_about(form, self.user)}

    def act(self, form: Any) -> str:
        request = self.save(form, send="draft" not in self.request.POST)
        if "draft" in self.request.POST:
            messages.success(self.request, _("Kept as a draft. Only your organisation sees it."))
        else:
            messages.success(
                self.request,
                _("%(reference)s is sent. You see here what becomes of it.") % {"reference": request.reference},
            )
        return reverse("request", args=[request.public_id])

    def save(self, form: Any, *, send: bool) -> QuotaRequest:
        data = form.cleaned_data
        keep = service.send_request if send else service.draft_request
        return keep(
            acting_user=self.user, project=data["project"], purpose=data["purpose"], wishes=form.wishes(),
            **form.extra(),
        )  # fmt: skip


class RequestEdit(RequestNew):
    """A draft again."""

    queryset = QuotaRequest.objects.select_related("tenant", "project", "mode")
    verb = "edit"
    title = gettext_lazy("Change the draft")

    def allow(self) -> None:
        """Whoever may edit the draft may open it."""

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def context(self, form: Any) -> dict[str, Any]:
        """``seen`` stays what was read at first, until somebody was told that another text stands there now."""
        told = form.has_error(NON_FIELD_ERRORS, MovedMeanwhile.code) if form.is_bound else False
        seen = "" if told else self.request.POST.get("seen", "")
        return {**super().context(form), "seen": seen or face_of(self.row)}

    def save(self, form: Any, *, send: bool) -> QuotaRequest:
        data = form.cleaned_data
        return service.change_draft(
            acting_user=self.user, request=self.row, project=data["project"], purpose=data["purpose"],
            wishes=form.wishes(), send=send, seen=self.request.POST.get("seen", ""), **form.extra(),
        )  # fmt: skip


class RequestCopy(RequestNew):
    """A new request that begins as another one is, whatever became of that."""

    queryset = QuotaRequest.objects.select_related("tenant", "project", "mode")
    verb = "edit"
    title = gettext_lazy("Ask again, from a copy")

    def allow(self) -> None:
        """Whoever may edit the one may begin another like it."""

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def make_form(self, data: Any = None) -> Any:
        initial = self.initial() if data is None else {}
        return self.form_class(data, initial=initial, user=self.user)


class Answer(RequestNew):
    """What the approver asked for, with the lines as they are now wanted."""

    queryset = QuotaRequest.objects.select_related("tenant", "project__tenant", "mode")
    verb = "edit"
    form_class = AnswerForm
    title = gettext_lazy("Answer the approver")
    lede = gettext_lazy("A changed line makes a new revision; what was sent before is kept.")
    button = gettext_lazy("Send answer")
    drafts = False

    def allow(self) -> None:
        """Whoever may edit it may open it; the service says whether it may be answered."""

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("requests"), gettext_lazy("Quota requests")), (self.back(), self.row.reference)]

    def back(self) -> str:
        return reverse("request", args=[self.row.public_id])

    def initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def act(self, form: Any) -> str:
        data, extra = form.cleaned_data, form.extra()
        service.answer_request(
            acting_user=self.user, request=self.row, text=data["text"], purpose=data["purpose"], wishes=form.wishes(),
            stage=extra["stage"], mode_answers=extra["mode_answers"],
        )  # fmt: skip
        messages.success(self.request, _("Answered. The request is in review again."))
        return self.back()


class Availability(Page):
    """The part that follows what is typed: what is free, when it would fit and where else, what one has and uses."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = RequestForm(request.GET, user=self.user)
        form.is_valid()
        form.errors.clear()
        return render(request, "resources/_offer.html", {"form": form, **weighed(form)})


def asked_about(form: Any, user: User) -> dict[str, Any]:
    """Of a change: the grant that it changes, what was measured of it, and the title that says so."""
    change, grant = form.changes()
    if grant is None:
        return {}
    facts = {"n": grant.amount, "kind": grant.pool.kind, "project": grant.environment.project.name}
    titles = {
        Change.EXTENSION: _("Renew %(n)d %(kind)s of %(project)s") % facts,
        Change.INCREASE: _("Ask for more than %(n)d %(kind)s of %(project)s") % facts,
        Change.TRANSFER: _("Ask to move %(n)d %(kind)s of %(project)s") % facts,
    }
    return {"change": change, "title": titles[change], **use_of_changed(grant.pk, user)}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One line as typed, with what can be said about it. ``room`` is of the pool named, or of the best one cleared."""

    number: int
    wish: Wish
    room: Room
    others: tuple[Room, ...]
    held: Held
    maintenance: tuple[MaintenanceWindow, ...] = ()

    @property
    def better(self) -> Room | None:
        """Another pool on which all of it fits, when the one named has no room."""
        return None if self.room.fits else next((room for room in self.others if room.fits), None)


def weighed(form: Any) -> dict[str, Any]:
    """Every complete line of the form, and what stands against sending them."""
    if not form.is_bound or not hasattr(form, "cleaned_data"):
        return {"weighed": [], "against": []}
    project = form.cleaned_data.get("project") or form.chosen_project()
    if project is None:
        return {"weighed": [], "against": []}
    found: list[Weighed] = []
    also: list[tuple[int, Promise]] = []
    for number in range(1, form.count + 1):
        wish = form.wish(number)
        if wish is None or wish.wanted is None:
            continue
        pools = [pool for pool in form.pools.values() if pool.kind_id == wish.wanted.pk]
        seen = rooms(pools, wish.at_once, wish.starts_at, wish.ends_at, also)
        room = next(room for room in seen if wish.pool is None or room.pool.pk == wish.pool.pk)
        others = tuple(other for other in seen if other is not room)[:MOST_PLACES]
        held = held_by(project, form.user, wish.wanted.pk, wish.starts_at, wish.ends_at)
        out = tuple(ahead([room.pool], wish.starts_at, wish.ends_at))
        found.append(Weighed(number, wish, room, others, held, out))
        also.append((room.pool.pk, Promise(wish.at_once, wish.starts_at, wish.ends_at)))
    return {"weighed": found, "against": _against(form, project, [each.wish for each in found])}


def _against(form: Any, project: Project, wishes: list[Wish]) -> list[str]:
    """What the services would say to these lines now; the mode's own questions are left to the end."""
    if not wishes:
        return []
    found = []
    try:
        check_wishes(project, wishes)
        if form.chosen_mode:
            check_mode(form.chosen_mode, wishes)
    except PortalError as refusal:
        found.append(str(refusal))
    return found


def _as_typed(data: Any) -> dict[str, Any]:
    """A posted form as initial values; what may be chosen several times stays a list."""
    return {name: values if len(values) > 1 else values[0] for name, values in data.lists() if values}
