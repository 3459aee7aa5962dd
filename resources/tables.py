"""Columns of lists."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core.access import powers
from portal.ui.badges import badge, state_badge
from portal.ui.escaping import escaped, over
from portal.ui.labels import label
from portal.ui.tables import NameColumn, NumberColumn, PortalTable, StateColumn, TextColumn, WhenColumn, to
from portal.ui.times import last_day, when
from resources.live.snapshot import is_silent
from resources.models import CapacityPool, Cluster, QuotaRequest, RequestLine
from resources.queries.shares import WARNS_PERCENT


def lines_of(request: QuotaRequest) -> list[RequestLine]:
    """The lines asked for now, from what was prefetched (``with_lines_in_short``)."""
    shown: list[RequestLine] = request.shown_lines  # type: ignore[attr-defined]  # the prefetch puts it there
    return [line for line in shown if line.revision == request.revision]


class PickColumn(TextColumn):
    """A box to tick a row for what is done with several at once; it belongs to the form of the bar above the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_values=(), exclude_from_export=True, verbose_name=_("Tick"), **kwargs)

    def render(self, record: Any) -> SafeString:
        text = escaped(gettext("Tick %(row)s") % {"row": record})
        return mark_safe(  # noqa: S308  # escaped above; the other is a key
            f'<input type="checkbox" form="bulk" name="id" value="{record.public_id}" aria-label="{text}">'
        )


class RequestTable(PortalTable):
    pick = PickColumn()
    tenant = NameColumn(
        url=to("request"),
        sub=lambda row: f"{row.reference}, {row.project}",
        verbose_name=_("Tenant"),
    )
    reference = TextColumn(visible=False, verbose_name=_("Reference"))
    state = StateColumn(verbose_name=_("State"))
    asked = TextColumn(empty_values=(), verbose_name=_("Asked for"))
    where = TextColumn(empty_values=(), verbose_name=_("Where"))
    period = TextColumn(empty_values=(), verbose_name=_("From, until"), css="nowrap hide-s")
    submitted_at = WhenColumn(verbose_name=_("Sent"), css="hide-s")
    due_at = TextColumn(verbose_name=_("Due"), css="nowrap")
    reviewer = TextColumn(visible=False, verbose_name=_("Approver"))

    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        """Only who approves ticks requests."""
        if request is None or "approve_quotas" not in powers(request.user):
            kwargs["exclude"] = ("pick",)
        super().__init__(*args, request=request, **kwargs)

    def render_state(self, record: QuotaRequest) -> SafeString:
        """The state, and below it in whose hands it is."""
        state = state_badge(record.state, label(record, "state"))
        return over(state, record.reviewer) if record.reviewer else state

    def value_state(self, record: QuotaRequest) -> str:
        return str(record.state)

    def render_asked(self, record: QuotaRequest) -> str:
        return ", ".join(
            (line.asked if line.budget_hours else line.asked.replace(" ", "\u00a0")) for line in lines_of(record)
        )

    def value_asked(self, record: QuotaRequest) -> str:
        return ", ".join(line.asked for line in lines_of(record))

    def render_where(self, record: QuotaRequest) -> str:
        return ", ".join(dict.fromkeys(str(line.cluster or gettext("any cleared")) for line in lines_of(record)))

    def render_period(self, record: QuotaRequest) -> SafeString | str:
        lines = lines_of(record)
        if not lines:
            return ""
        begin, end = min(line.starts_at for line in lines), max(line.ends_at for line in lines)
        first, last = when(timezone.localtime(begin).date()), when(last_day(end))
        return mark_safe(f"{first} – {last}")  # noqa: S308  # both are markup already

    def value_period(self, record: QuotaRequest) -> str:
        return "; ".join(f"{line.starts_at.isoformat()}/{line.ends_at.isoformat()}" for line in lines_of(record))

    def render_due_at(self, value: Any, record: QuotaRequest) -> SafeString | str:
        if record.state not in QuotaRequest.DECIDABLE:
            return "–"
        return due_badge(record)

    def value_due_at(self, value: Any) -> str:
        return value.isoformat() if value else ""


def due_badge(request: QuotaRequest) -> SafeString | str:
    """When the decision is due; late ones are marked so."""
    if request.due_at is None:
        return "–"
    if request.due_at < timezone.now():
        day = formats.date_format(timezone.localtime(request.due_at), "j M Y")
        late = badge(gettext("%(day)s, late") % {"day": day}, "bad", "clock")
        return over(late, gettext("Escalated")) if request.escalated_at else late
    return when(timezone.localtime(request.due_at).date())


class ClusterTable(PortalTable):
    name = NameColumn(
        url=to("cluster"),
        sub=lambda row: f"{row.city}, {row.country.name}",
        verbose_name=_("Cluster"),
    )
    state = StateColumn(verbose_name=_("State"))
    provider = TextColumn(verbose_name=_("Provider"))
    gpus = NumberColumn(empty_values=(), verbose_name=_("GPUs"))
    kinds = TextColumn(empty_values=(), verbose_name=_("Kinds"), css="hide-s")
    last_success_at = TextColumn(empty_values=(), verbose_name=_("Last reading"), css="nowrap")

    def render_gpus(self, record: Cluster) -> int:
        return sum(pool.installed for pool in record.pools.all())

    def render_kinds(self, record: Cluster) -> str:
        return ", ".join(str(pool.kind) for pool in record.pools.all())

    def render_last_success_at(self, record: Cluster) -> SafeString | str:
        return reading_badge(record)

    def value_last_success_at(self, record: Cluster) -> str:
        return record.last_success_at.isoformat() if record.last_success_at else ""


def reading_badge(cluster: Cluster) -> SafeString | str:
    """How old what the portal knows of a cluster is; silent since when."""
    if not cluster.collector:
        return badge(_("not read"))
    if cluster.last_success_at is None:
        return badge(_("never read"), "warn", "clock")
    if is_silent(cluster):
        return badge(format_html("{} {}", _("silent since"), when(cluster.last_success_at)), "bad", "plug-connected-x")
    return badge(when(cluster.last_success_at), "good", "circle-check")


class PoolTable(PortalTable):
    cluster = NameColumn(url=to("pool"), sub=lambda row: row.kind, verbose_name=_("Pool"))
    installed = NumberColumn(verbose_name=_("Installed"))
    healthy = NumberColumn(verbose_name=_("Healthy"))
    reserved = NumberColumn(verbose_name=_("Reserved"))
    overcommit = NumberColumn(verbose_name=_("Over-commit factor"))
    promisable = NumberColumn(orderable=False, verbose_name=_("Can be promised"))
    policy_line_percent = NumberColumn(verbose_name=_("Policy line, %"))
    count_source = TextColumn(verbose_name=_("Last counted"))

    def render_count_source(self, record: CapacityPool) -> SafeString:
        return over(label(record, "count_source"), when(record.counted_at))


class AdminNameColumn(NameColumn):
    """A name that links to its form for the site's administrators, and is only a name for everybody else."""

    def render(  # type: ignore[override]  # django-tables2 hands over what the signature names
        self, value: Any, record: Any, table: PortalTable
    ) -> SafeString:
        if table.request.user.is_platform_admin:
            return super().render(value, record)
        below = format_html('<div class="sub">{}</div>', self.sub(record)) if self.sub else ""
        return format_html('<span class="name">{}</span>{}', value, below)


def gpus_left(share: Any) -> SafeString | str:
    """What can still be promised from a share (annotated by ``with_promised``), with a warning where it runs out."""
    left, percent = share.gpus - share.promised, 100 * share.promised / share.gpus if share.gpus else 0
    if left < 0:
        return badge(gettext("%(n)d over") % {"n": -left}, "bad", "alert-octagon")
    if percent > share.pool.policy_line_percent:
        return badge(str(left), "bad", "alert-octagon")
    return badge(str(left), "warn", "alert-triangle") if percent >= WARNS_PERCENT else str(left)


class ShareTable(PortalTable):
    authority = AdminNameColumn(url=to("share"), sub=lambda row: row.pool, verbose_name=_("Share"))
    gpus = NumberColumn(verbose_name=_("GPUs"))
    promised = NumberColumn(verbose_name=_("Promised now"))
    left = NumberColumn(empty_values=(), verbose_name=_("Left"))
    promisable = NumberColumn(accessor="pool__promisable", verbose_name=_("Can be promised of the pool"))

    def render_left(self, record: Any) -> SafeString | str:
        return gpus_left(record)

    def value_left(self, record: Any) -> int:
        return int(record.gpus - record.promised)


class KindTable(PortalTable):
    name = AdminNameColumn(url=to("kind"), sub=lambda row: row.vendor, verbose_name=_("GPU kind"))
    slug = TextColumn(verbose_name=_("Short name"))
    memory_gib = NumberColumn(verbose_name=_("Memory, GiB"))
    aliases = TextColumn(verbose_name=_("Known as"), css="hide-s")

    def render_aliases(self, value: list[str]) -> str:
        return ", ".join(value)


class ProviderTable(PortalTable):
    name = NameColumn(
        url=to("provider"),
        sub=lambda row: row.country.name,
        verbose_name=_("Provider"),
    )
    contact_email = TextColumn(verbose_name=_("Contact"))
    clusters = NumberColumn(empty_values=(), verbose_name=_("Clusters"))

    def render_clusters(self, record: Any) -> int:
        return len(record.clusters.all())
