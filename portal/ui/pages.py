"""The four kinds of page. Each one goes through ``visible_to`` or ``fetch``; a view adds four lines of its own."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from portal.core.access import ScopedQuerySet, fetch
from portal.core.constraints import refused_by
from portal.core.errors import Forbidden, NotFound, PortalError
from portal.models import User
from portal.ui.errors import wrong_method
from portal.ui.forms import PlainForm, put_error
from portal.ui.htmx import wants_part

Text = str | Promise


class Page(View):
    """What all pages share: who may open them at all, their title and their place in the navigation."""

    public: ClassVar[bool] = False
    nav: ClassVar[str] = ""
    title: ClassVar[Text] = ""
    lede: ClassVar[Text] = ""
    template_name: ClassVar[str] = ""
    takes_files: ClassVar[bool] = False
    """Whether files may be sent here; elsewhere a body is small (``portal.ui.bodies``)."""

    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public and not request.user.is_authenticated:
            return self.sign_in(request)
        self.user = request.user  # type: ignore[assignment]  # signed in, or the page is public
        return super().dispatch(request, *args, **kwargs)

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        """To the sign-in page and back here; a part would be the wrong frame for it, so htmx moves the whole page."""
        if wants_part(request):
            here = urlsplit(request.headers.get("HX-Current-URL", ""))
            page = urlunsplit(("", "", here.path or "/", here.query, ""))
            return HttpResponseClientRedirect(redirect_to_login(page).url)
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return wrong_method(request, [name.upper() for name in self.http_method_names if hasattr(self, name)])

    def allow(self) -> None:
        """Refuse people who have no business here; raise Forbidden or NotFound."""

    def crumbs(self) -> list[tuple[str, Text]]:
        """The way back: (address, label) from the outside in."""
        return []

    def page_context(self) -> dict[str, Any]:
        return {"nav": self.nav, "title": self.title, "lede": self.lede, "crumbs": self.crumbs(), "page": self}


class PlainPage(Page):
    """A page of its own making: a template and a context."""

    def context(self) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow()
        return render(request, self.template_name, {**self.page_context(), **self.context()})


class DetailPage(Page):
    """One row that the person may see (or do ``verb`` on); ``row`` is it."""

    queryset: ClassVar[ScopedQuerySet[Any]]
    verb: ClassVar[str] = "view"
    part: ClassVar[str] = ""

    row: Any

    def context(self, row: Any) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, public_id: Any, **kwargs: Any) -> HttpResponse:
        self.row = fetch(self.queryset.all(), self.user, self.verb, public_id=public_id)
        self.allow()
        context = {**self.page_context(), "row": self.row, **self.context(self.row)}
        template = f"{self.template_name}#{self.part}" if self.part else self.template_name
        return render(request, template, context)


class FormPage(Page):
    """A form and what it does. With ``queryset`` it is about one row, on which the person may do ``verb``.

    What was typed is kept when something is wrong; the answer is then 422 (or the error's own status) with a summary
    of the errors that has the focus.
    """

    queryset: ClassVar[ScopedQuerySet[Any] | None] = None
    verb: ClassVar[str] = "edit"
    form_class: ClassVar[type[forms.BaseForm]] = PlainForm
    template_name: ClassVar[str] = "portal/form.html"
    button: ClassVar[Text] = _("Save")
    done: ClassVar[Text] = ""
    danger: ClassVar[bool] = False

    row: Any = None

    def initial(self) -> dict[str, Any]:
        return {}

    def context(self, form: Any) -> dict[str, Any]:
        return {}

    def act(self, form: Any) -> str | HttpResponse:
        """Call the service; the address to go to next."""
        raise NotImplementedError

    def make_form(self, data: Any = None) -> Any:
        initial = {**self.initial(), **({} if data is not None else self.request.GET.dict())}
        return self.form_class(data, initial=initial, user=self.user, row=self.row)  # type: ignore[call-arg]

    def load(self, public_id: Any = None) -> None:
        if self.queryset is not None:
            self.row = fetch(self.queryset.all(), self.user, self.verb, public_id=public_id)
        self.allow()

    def show(self, form: Any, status: int = 200) -> HttpResponse:
        context = {**self.page_context(), "form": form, "row": self.row, "button": self.button, "danger": self.danger}
        return render(self.request, self.template_name, {**context, **self.context(form)}, status=status)

    def get(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        return self.show(self.make_form())

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            target = self.act(form)
        except (NotFound, Forbidden):
            raise
        except (PortalError, IntegrityError) as error:
            refusal = error if isinstance(error, PortalError) else refused_by(error)
            if refusal is None:
                raise
            put_error(form, refusal)
            return self.show(form, status=refusal.status)
        if isinstance(target, HttpResponse):
            return target
        if self.done:
            messages.success(request, str(self.done))
        return redirect(target)


class ActionPage(FormPage):
    """One act on one row: GET asks and says what happens next, POST does it."""

    template_name: ClassVar[str] = "portal/confirm.html"
    consequence: ClassVar[Text] = ""

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "consequence": self.consequence, "back": self.back()}

    def back(self) -> str:
        """Where "Keep as it is" leads."""
        return "/"
