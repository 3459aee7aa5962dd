"""Texts that officers use again: written, changed, taken off the list. A decision keeps what it said."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.models import User
from tenants.letters.stock import STOCK
from tenants.models import Authority, StockText

LONGEST = 1000
MOST = 60


@transaction.atomic
def add_stock_text(*, acting_user: User, authority: Authority, use: str, texts: Mapping[str, str]) -> StockText:
    """Put a text on the authority's list. With the first one of a use the portal's own are not offered any more."""
    if use not in StockText.Use.values:
        raise Refused(_("A text is a ground, a reason or a question. Choose one of them."), field="use")
    said = _clean(texts)
    rows = StockText.objects.filter(authority=authority, use=use, retired_at=None)
    if rows.count() >= MOST:
        raise Refused(_("The list has %(most)d texts, and nobody finds one in more. Take some off.") % {"most": MOST})
    row = StockText.objects.create(authority=authority, use=use, texts=said, set_by=acting_user)
    record(
        "stock_text.added", acting_user=acting_user, target=row, authority=authority, after={"use": use, "texts": said}
    )
    return row


@transaction.atomic
def copy_stock(*, acting_user: User, authority: Authority, use: str) -> list[StockText]:
    """Begin the authority's list with the portal's own texts of a use, to change them."""
    if use not in STOCK:
        raise Refused(_("There is no list for this use. Choose one of those on the page."), field="use")
    if StockText.objects.filter(authority=authority, use=use, retired_at=None).exists():
        raise Conflict(_("The authority has texts of its own already. Nothing was changed."))
    return [
        add_stock_text(acting_user=acting_user, authority=authority, use=use, texts=texts)
        for texts in STOCK[use].values()
    ]


@transaction.atomic
def change_stock_text(*, acting_user: User, row: StockText, texts: Mapping[str, str]) -> StockText:
    """Word it anew for what is decided from now on."""
    locked = _on_the_list(row)
    before, said = locked.texts, _clean(texts)
    if before == said:
        return locked
    locked.texts, locked.set_by = said, acting_user
    locked.save(update_fields=["texts", "set_by"])
    record(
        "stock_text.changed", acting_user=acting_user, target=locked, authority=locked.authority,
        before={"texts": before}, after={"texts": said},
    )  # fmt: skip
    return locked


@transaction.atomic
def retire_stock_text(*, acting_user: User, row: StockText) -> StockText:
    """Take it off the list; decisions that used it keep it."""
    locked = _on_the_list(row)
    locked.retired_at, locked.set_by = timezone.now(), acting_user
    locked.save(update_fields=["retired_at", "set_by"])
    record("stock_text.retired", acting_user=acting_user, target=locked, authority=locked.authority)
    return locked


def _on_the_list(row: StockText) -> StockText:
    locked = StockText.objects.select_for_update(of=("self",)).select_related("authority").get(pk=row.pk)
    if locked.retired_at is not None:
        raise Conflict(_("This text is off the list already. Add it anew if you need it."))
    return locked


def _clean(texts: Mapping[str, str]) -> dict[str, str]:
    known = dict(settings.LANGUAGES)
    said = {code: " ".join(text.split()) for code, text in texts.items() if code in known and text.strip()}
    if "en" not in said:
        raise Refused(
            _("Write the text in English at least: it stands in for languages that have none."), field="text_en"
        )
    if any(len(text) > LONGEST for text in said.values()):
        raise Refused(_("A text has at most %(most)d characters. Shorten it.") % {"most": LONGEST})
    return said
