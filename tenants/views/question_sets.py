"""What an authority asks who applies to it: versions, one being worked on, its preview."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import may
from portal.core.errors import Refused
from portal.ui.pages import ActionPage, DetailPage, FormPage
from tenants.models import Authority, QuestionSet
from tenants.queries.questions import set_in_force, standard_questions, versions
from tenants.question_forms import StepForm
from tenants.questions import editing
from tenants.questions.answers import asked
from tenants.questions.schema import said
from tenants.questions.words import condition_text
from tenants.services import question_sets
from tenants.set_forms import KINDS, PublishForm
from tenants.views.question_editing import MovePage, QuestionPage


class Questions(DetailPage):
    """Every version of what an authority asks, and a way to the next one."""

    queryset = Authority.objects.all()
    template_name = "tenants/questions.html"
    title = gettext_lazy("What applicants are asked")
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        rows = versions(row).visible_to(self.user)
        force = set_in_force(row)
        return {
            "sets": rows, "force": force, "may_edit": may(self.user, "decide", row),
            "steps": _steps(force.questionnaire if force else standard_questions()),
        }  # fmt: skip


def _steps(questionnaire: Any) -> list[dict[str, Any]]:
    """Steps with their questions as a table shows them."""
    return [
        {"key": step.key, "title": said(step.title), "questions": [
            {"key": each.key, "text": said(each.label), "hint": said(each.help), "kind": dict(KINDS)[each.kind], "core": each.core,
             "required": each.required, "when": condition_text(questionnaire, each.when)}
            for each in step.questions
        ]}
        for step in questionnaire.steps
    ]  # fmt: skip


class BeginSet(ActionPage):
    queryset = Authority.objects.all()
    verb = "decide"
    nav = "authorities"
    title = gettext_lazy("Work on the next version")
    consequence = gettext_lazy("It begins as a copy of what is asked now. Nobody is asked it before you publish it.")
    button = gettext_lazy("Begin the next version")

    def back(self) -> str:
        return reverse("questions", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        row = question_sets.begin_set(acting_user=self.user, authority=self.row)
        return reverse("question-set", args=[row.public_id])


class OnSet(FormPage):
    """Something about one version that is worked on."""

    queryset = QuestionSet.objects.select_related("authority")
    verb = "edit"
    nav = "authorities"

    def allow(self) -> None:
        if self.row.is_published:
            raise Refused(_("This version is published, and what was asked stays as it was. Begin the next version."))

    def crumbs(self) -> Any:
        return [
            (reverse("questions", args=[self.row.authority.public_id]), self.row.authority),
            (self.back(), _("Version %(n)d") % {"n": self.row.version}),
        ]

    def back(self) -> str:
        return reverse("question-set", args=[self.row.public_id])


class Set(DetailPage):
    """One version, with everything it asks."""

    queryset = QuestionSet.objects.select_related("authority", "set_by")
    template_name = "tenants/question_set.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        of = self.row.authority
        return [(reverse("questions", args=[of.public_id]), of)] if of else []

    def context(self, row: QuestionSet) -> dict[str, Any]:
        title = _("Questions, version %(n)d") % {"n": row.version}
        may_edit = not row.is_published and may(self.user, "edit", row)
        return {"title": title, "steps": _steps(row.questionnaire), "may_edit": may_edit}


class Preview(Set):
    """The version as applicants meet it; answers can be tried, and nothing is kept."""

    template_name = "tenants/question_preview.html"

    def context(self, row: QuestionSet) -> dict[str, Any]:
        tried = {
            each.key: self.request.GET.getlist(each.key) if each.many else self.request.GET.get(each.key, "")
            for each in row.questionnaire
        }
        steps = [
            (said(step.title), said(step.lede), StepForm(questions=questions, user=self.user, initial=tried))
            for step, questions in asked(row.questionnaire, tried)
        ]
        return {"title": _("Preview of version %(n)d") % {"n": row.version}, "previews": steps}


class EditQuestion(QuestionPage, OnSet):
    def written(self, key: str) -> Any:
        return editing.raw(self.row.content, key)

    def act(self, form: Any) -> str:
        key = self.question["key"] if self.question else ""
        content = editing.put(self.row.content, form.raw(), step=form.cleaned_data.get("step", ""), key=key)
        question_sets.write_set(acting_user=self.user, row=self.row, content=content)
        return self.back()


class NewQuestion(EditQuestion):
    title = gettext_lazy("Ask something more")


class MoveQuestion(MovePage, OnSet):
    back = OnSet.back

    def move(self, key: str, by: int) -> None:
        self._write(editing.move(self.row.content, key, by))

    def remove(self, key: str) -> None:
        self._write(editing.remove(self.row.content, key))

    def _write(self, content: editing.Content) -> None:
        question_sets.write_set(acting_user=self.user, row=self.row, content=content)


class PublishSet(OnSet, ActionPage):
    form_class = PublishForm
    title = gettext_lazy("Publish this version")
    consequence = gettext_lazy(
        "Whoever begins an application from now on is asked this. Applications begun before go on with their own version."
    )
    button = gettext_lazy("Publish the questions")
    done = gettext_lazy("Published. It is asked from now on.")

    def act(self, form: Any) -> str:
        question_sets.publish_set(acting_user=self.user, row=self.row, note=form.cleaned_data["note"])
        return reverse("questions", args=[self.row.authority.public_id])


class DropSet(OnSet, ActionPage):
    title = gettext_lazy("Give up this version")
    consequence = gettext_lazy("What you changed here is lost. What is asked now stays as it is.")
    button = gettext_lazy("Give up this version")
    danger = True

    def act(self, form: Any) -> str:
        home = reverse("questions", args=[self.row.authority.public_id])
        question_sets.drop_set(acting_user=self.user, row=self.row)
        return home
