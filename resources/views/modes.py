"""Access modes of an authority: what is offered, the next version of one, its questions, and who would be hit by it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import may
from portal.core.errors import NotFound, Refused
from portal.ui.pages import ActionPage, DetailPage, FormPage
from resources.forms.modes import ModeForm, NewModeForm, initial_of
from resources.models import AccessMode
from resources.queries.modes import limits_text, modes_in_force, versions_of
from resources.services import modes as service
from tenants.models import Authority
from tenants.question_forms import StepForm
from tenants.questions.schema import said
from tenants.set_forms import KINDS, PublishForm
from tenants.views.question_editing import MovePage, QuestionPage


class Modes(DetailPage):
    """What an authority offers now, every version of it, and a way to the next one."""

    queryset = Authority.objects.all()
    template_name = "resources/modes.html"
    title = gettext_lazy("Access modes")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        return {
            "modes": [(mode, limits_text(mode)) for mode in modes_in_force(row)],
            "versions": versions_of(row).visible_to(self.user), "may_edit": may(self.user, "approve", row),
        }  # fmt: skip


class ModeBegin(FormPage):
    """The next version of a mode, or a new one."""

    queryset = Authority.objects.all()
    verb = "approve"
    form_class = NewModeForm
    nav = "authorities"
    title = gettext_lazy("Work on an access mode")
    lede = gettext_lazy(
        "The next version begins as a copy of what is offered now. Nobody is asked it before you publish it."
    )
    button = gettext_lazy("Begin the next version")

    def crumbs(self) -> Any:
        return [(reverse("modes", args=[self.row.public_id]), self.row)]

    def act(self, form: Any) -> str:
        row = service.begin_mode(acting_user=self.user, authority=self.row, slug=form.slug())
        return reverse("mode", args=[row.public_id])


class OnMode(FormPage):
    """Something about one version that is worked on."""

    queryset = AccessMode.objects.select_related("authority")
    verb = "edit"
    nav = "authorities"

    def allow(self) -> None:
        if self.row.is_published:
            raise Refused(_("This version is published, and what was offered stays as it was. Begin the next version."))

    def crumbs(self) -> Any:
        return [(reverse("modes", args=[self.row.authority.public_id]), self.row.authority), (self.back(), self.row)]

    def back(self) -> str:
        return reverse("mode", args=[self.row.public_id])


class Mode(DetailPage):
    """One version as tenants meet it, and which requests of the last year it would have refused."""

    queryset = AccessMode.objects.select_related("authority", "set_by")
    template_name = "resources/mode.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("modes", args=[self.row.authority.public_id]), self.row.authority)]

    def context(self, row: AccessMode) -> dict[str, Any]:
        tried = {each.key: self.request.GET.get(each.key, "") for each in row.asked}
        return {
            "title": _("%(mode)s, version %(n)d") % {"mode": row, "n": row.version}, "limits": limits_text(row),
            "may_edit": not row.is_published and may(self.user, "edit", row),
            "preview": StepForm(questions=row.asked, user=self.user, initial=tried),
            "questions": [(each, said(each.label), dict(KINDS).get(each.kind, each.kind)) for each in row.asked],
            "hit": service.hit_by(row, self.user),
        }  # fmt: skip


class ModeEdit(OnMode):
    form_class = ModeForm
    title = gettext_lazy("Change the access mode")

    def make_form(self, data: Any = None) -> Any:
        return ModeForm(data, initial=initial_of(self.row), user=self.user, row=self.row)

    def act(self, form: Any) -> str:
        service.write_mode(acting_user=self.user, row=self.row, facts=form.facts())
        return self.back()


class ModeQuestion(QuestionPage, OnMode):
    def written(self, key: str) -> Any:
        return next((each for each in self.row.questions if each["key"] == key), None)

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields.pop("step", None)
        return form

    def act(self, form: Any) -> str:
        raw, questions = form.raw(), list(self.row.questions)
        if self.question:
            questions[questions.index(self.question)] = raw
        else:
            questions.append(raw)
        service.write_mode(acting_user=self.user, row=self.row, facts={"questions": questions})
        return self.back()


class ModeQuestionMove(MovePage, OnMode):
    back = OnMode.back

    def move(self, key: str, by: int) -> None:
        at, questions = self._at(key)
        questions.insert(max(0, at + by), questions.pop(at))
        self._write(questions)

    def remove(self, key: str) -> None:
        at, questions = self._at(key)
        del questions[at]
        self._write(questions)

    def _at(self, key: str) -> tuple[int, list[Any]]:
        questions = list(self.row.questions)
        at = next((number for number, each in enumerate(questions) if each["key"] == key), None)
        if at is None:
            raise NotFound
        return at, questions

    def _write(self, questions: list[Any]) -> None:
        service.write_mode(acting_user=self.user, row=self.row, facts={"questions": questions})


class ModePublish(OnMode, ActionPage):
    form_class = PublishForm
    template_name = "resources/mode_publish.html"
    title = gettext_lazy("Offer this version")
    consequence = gettext_lazy(
        "Whoever begins a request from now on is offered this. Requests begun before go on with their own version."
    )
    button = gettext_lazy("Offer this version")
    done = gettext_lazy("It is offered from now on.")

    def context(self, form: Any) -> dict[str, Any]:
        return {"hit": service.hit_by(self.row, self.user)}

    def act(self, form: Any) -> str:
        service.publish_mode(acting_user=self.user, row=self.row, note=form.cleaned_data["note"])
        return reverse("modes", args=[self.row.authority.public_id])


class ModeDrop(OnMode, ActionPage):
    title = gettext_lazy("Give up this version")
    consequence = gettext_lazy("What you changed here is lost. What is offered now stays as it is.")
    button = gettext_lazy("Give up this version")
    danger = True

    def act(self, form: Any) -> str:
        home = reverse("modes", args=[self.row.authority.public_id])
        service.drop_mode(acting_user=self.user, row=self.row)
        return home
