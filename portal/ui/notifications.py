"""What happened that concerns the person who is signed in."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django import forms
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.notices import attach_targets, described, mark_read, notifications, word
from portal.core.registry import act_words, notice_acts, target_pages
from portal.ui.icons import icon
from portal.ui.lists import Empty, Filters, ListPage, Tab
from portal.ui.pages import ActionPage, Text
from portal.ui.tables import PortalTable, TextColumn, WhenColumn


def acts() -> list[tuple[str, Any]]:
    return [(act, act_words[act]) for act, _icon in notice_acts.items()]


class NotificationFilters(Filters):
    act = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("What happened"), widget=forms.CheckboxSelectMultiple, choices=acts
    )


class NotificationTable(PortalTable):
    act = TextColumn(verbose_name=gettext_lazy("What happened"), css="wide")
    created_at = WhenColumn(verbose_name=gettext_lazy("When"))
    change = TextColumn(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        attach_targets(data, kwargs["request"].user)
        super().__init__(data, *args, **kwargs)

    def render_act(self, record: Any) -> SafeString:
        sign = icon(notice_acts[record.act], "icon-s") if record.act in notice_acts else ""
        if record.target is None:
            about = _("You may not see any more what this is about.")
            return format_html('<span class="row gap">{} {}</span><div class="sub">{}</div>', sign, word(record), about)
        url = reverse(target_pages[record.target_type], args=[record.target_public_id])
        return format_html(
            '<span class="row gap">{} <a class="name" href="{}">{}</a></span><div class="sub">{}</div>',
            sign,
            url,
            word(record),
            described(record.target),
        )

    def value_act(self, record: Any) -> str:
        return f"{word(record)}: {described(record.target)}" if record.target else word(record)

    def render_change(self, record: Any) -> SafeString | str:
        if record.read_at:
            return _("Read")
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn btn-s" type="submit">{}<span class="vh"> {}</span></button></form>',
            reverse("notification-read", args=[record.public_id]), get_token(self.request), _("Mark as read"),
            word(record),
        )  # fmt: skip


class Notifications(ListPage):
    queryset = notifications().in_bell()
    table_class = NotificationTable
    filterset_class = NotificationFilters
    title = gettext_lazy("Notifications")
    lede = gettext_lazy("What happened that concerns you")
    nav = "notifications"
    noun = gettext_lazy("notifications")
    tabs = (
        Tab("unread", gettext_lazy("Unread"), lambda rows, _user: rows.unread()),
        Tab("all", gettext_lazy("All, read ones too")),
    )
    empty = Empty(
        gettext_lazy("Nothing unread"),
        gettext_lazy("When something happens that concerns you, the bell at the top counts it and it stands here."),
        icon="bell",
    )

    def page_context(self) -> dict[str, Any]:
        actions = [
            (reverse("notice-choices"), _("What you are told"), "settings"),
            (reverse("notifications-read"), _("Mark all as read"), "check"),
        ]
        return {**super().page_context(), "actions": actions}


class ReadAll(ActionPage):
    title = gettext_lazy("Mark all as read")
    consequence = gettext_lazy("The bell counts from zero again. What you have read stays in the list of all.")
    button = gettext_lazy("Mark all as read")
    done: ClassVar[Text] = gettext_lazy("All marked as read.")
    nav = "notifications"

    def back(self) -> str:
        return reverse("notifications")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("notifications"), _("Notifications"))]

    def act(self, form: Any) -> str:
        mark_read(acting_user=self.user)
        return reverse("notifications")


class ReadOne(ReadAll):
    queryset = notifications()
    verb = "view"
    title = gettext_lazy("Mark as read")
    consequence = gettext_lazy("The bell counts one less. The notification stays in the list of all.")
    button = gettext_lazy("Mark as read")
    done = ""

    def act(self, form: Any) -> str:
        mark_read(acting_user=self.user, notification=self.row)
        return reverse("notifications")
