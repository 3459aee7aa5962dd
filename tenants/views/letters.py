"""Letters: how an authority words them, and those that were written about applications."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch, may
from portal.core.errors import NotFound, Refused
from portal.core.letters.paper import print_letter
from portal.core.letters.text import LetterKind, check_wording, fill, letter_kinds, parts, samples
from portal.ui.downloads import as_download
from portal.ui.forms import put_error
from portal.ui.letters import LetterFile, LetterPage
from portal.ui.pages import DetailPage, FormPage
from tenants.letter_forms import WordingForm
from tenants.models import Authority, CaseLetter
from tenants.models.authority import AuthorityQuerySet
from tenants.queries.letters import Wording, case_of, versions_of, wording_in_force, wordings_of
from tenants.services.letters import Matter, file_of, set_template, sheet_of


class CaseLetterPage(LetterPage):
    queryset = CaseLetter.objects.select_related("authority", "tenant").defer("pdf")
    nav = "cases"
    file_url = "letter-file"

    def crumbs(self) -> Any:
        if case := case_of(self.row, self.user):
            return [(reverse("cases"), _("Applications")), (reverse("case", args=[case.public_id]), case.organisation)]
        return [(reverse("tenant", args=[self.row.tenant.public_id]), self.row.tenant.name)] if self.row.tenant else []


class CaseLetterFile(LetterFile):
    queryset = CaseLetter.objects.all()

    def name(self, row: CaseLetter) -> str:
        case = case_of(row, self.user)
        return f"{case.reference if case else row.tenant}-{row.decision_id}.pdf"

    def content(self, row: CaseLetter) -> bytes:
        return file_of(row)


class Letters(DetailPage):
    """Every kind of letter of an authority, and whose wording each language has."""

    queryset = Authority.objects.all()
    template_name = "tenants/letters.html"
    title = gettext_lazy("Letters")
    lede = gettext_lazy(
        "What an authority writes when it has decided; letters that were sent stay as they were written"
    )
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authorities"), _("Authorities")), (reverse("authority", args=[self.row.public_id]), self.row)]

    def context(self, row: Authority) -> dict[str, Any]:
        return {"kinds": wordings_of(row), "decides": may(self.user, "decide", row)}


class WordLetter(FormPage):
    """The wording of one kind in one language, its placeholders, and what a letter with it looks like.

    Everybody who sees the authority reads it; who decides what such a letter is about may change it.
    """

    queryset: ClassVar[AuthorityQuerySet] = Authority.objects.all()
    form_class = WordingForm
    template_name = "tenants/letter_wording.html"
    button = gettext_lazy("Put this wording in force")
    done = gettext_lazy("In force from now on. Letters that were written before stay as they are.")
    nav = "authorities"

    kind: LetterKind
    now: Wording

    def load(self, public_id: Any = None) -> None:
        name, language = self.kwargs["kind"], self.kwargs["language"]
        if name not in letter_kinds or language not in dict(settings.LANGUAGES):
            raise NotFound
        self.kind = letter_kinds[name]
        changes = self.request.method == "POST" and self.request.POST.get("then") != "preview"
        self.row = fetch(self.queryset.all(), self.user, self.kind.verb if changes else "view", public_id=public_id)
        self.now = wording_in_force(self.row, name, language)

    def crumbs(self) -> Any:
        back = reverse("letters", args=[self.row.public_id])
        return [(reverse("authority", args=[self.row.public_id]), self.row), (back, _("Letters"))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": f"{self.now.label}, {self.now.language_name}"}

    def initial(self) -> dict[str, Any]:
        return {"subject": self.now.subject, "body": self.now.body}

    def context(self, form: Any) -> dict[str, Any]:
        return {
            **preview_of(self, form["subject"].value() or "", form["body"].value() or ""),
            "now": self.now, "placeholders": self.kind.placeholders.items(), "needed": self.kind.needed,
            "versions": versions_of(self.row, self.now.kind, self.now.language),
            "may_edit": may(self.user, self.kind.verb, self.row),
        }  # fmt: skip

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        if request.POST.get("then") != "preview":
            return super().post(request, public_id, **kwargs)
        self.load(public_id)
        form = self.make_form(request.POST)
        if form.is_valid():
            try:
                check_wording(self.kind, form.cleaned_data["subject"], form.cleaned_data["body"])
            except Refused as error:
                put_error(form, error)
        return self.show(form, status=422 if form.errors else 200)

    def act(self, form: Any) -> str:
        set_template(
            acting_user=self.user, authority=self.row, kind=self.now.kind, language=self.now.language,
            **form.cleaned_data,
        )  # fmt: skip
        return reverse("letters", args=[self.row.public_id])


class LetterPreview(WordLetter):
    """The letter with what is typed, as a part of the page; and what is wrong with its placeholders. Keeps nothing."""

    template_name = "tenants/letter_wording.html#preview"

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return self.show(self.make_form(request.POST))


class LetterSample(WordLetter):
    """The wording in force as a file, filled with invented facts."""

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        language = self.now.language
        with translation.override(language):
            facts = samples(self.kind)
            written = fill(self.now.subject, self.now.body, facts)
            to, reference = [str(facts.get("organisation") or facts["tenant"])], str(facts["reference"])
            matter = Matter(self.row, self.now.kind, language, to, reference, facts, timezone.now())
            content = print_letter(sheet_of(matter, written.subject, written.body))
        return as_download(f"{self.now.kind}-{language}.pdf", "pdf", content)

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        return self.http_method_not_allowed(request)


def preview_of(page: WordLetter, subject: str, body: str) -> dict[str, Any]:
    """A letter with this wording, filled with invented facts, or what keeps it from being written."""
    try:
        check_wording(page.kind, subject, body)
    except Refused as error:
        return {"wrong": str(error)}
    with translation.override(page.now.language):
        written = fill(subject, body, samples(page.kind))
    return {"said_subject": written.subject, "said": parts(written.body)}
