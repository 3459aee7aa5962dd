"""Where a project may run: its data class and its tenant's countries decide, before anybody else does."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from resources.models import CapacityPool, Cluster
from tenants.models import OnboardingCase, Project


def cleared(project: Project, pool: CapacityPool) -> bool:
    """Whether the project's data may be on the pool's cluster, which is still in service."""
    cluster, countries = pool.cluster, project.tenant.residency
    return (
        cluster.state != Cluster.State.RETIRED
        and project.data_class in cluster.data_classes
        and (not countries or cluster.country.code in countries)
    )


def offered_pools(project: Project) -> models.QuerySet[CapacityPool]:
    """The pools a project may ask from: active clusters cleared for its data class, inside its tenant's countries,
    with a share that some authority may promise from. Sorted by cluster and kind.
    """
    where = Q(cluster__state=Cluster.State.ACTIVE, cluster__data_classes__contains=[project.data_class])
    if project.tenant.residency:
        where &= Q(cluster__country__in=project.tenant.residency)
    found = CapacityPool.objects.filter(where, shares__gpus__gt=0).select_related("cluster", "kind").distinct()
    return found.order_by("cluster__name", "kind__name")


def where_it_could_run(case: OnboardingCase) -> list[str]:
    """On which clusters an organisation could work once it is admitted, as a sentence for whoever decides about it."""
    where = Q(state=Cluster.State.ACTIVE, data_classes__contains=[case.data_class])
    if case.residency:
        where &= Q(country__in=case.residency)
    names = [*Cluster.objects.filter(where).order_by("name").values_list("name", flat=True)[:20]]
    if not names:
        return [
            _("No cluster in service is cleared for its data in these countries, so it could not run anything yet.")
        ]
    return [_("Cleared for its data, in these countries: %(clusters)s.") % {"clusters": ", ".join(names)}]
