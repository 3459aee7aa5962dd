"""The demo world is lawful: what the services refuse a real tenant, the cast does not already have."""

from __future__ import annotations

from collections import Counter

import pytest

from resources.demo import cast

PLACES = {
    "onboarding_officer": cast.AUTHORITIES, "quota_approver": cast.AUTHORITIES, "auditor": cast.AUTHORITIES,
    "operator": cast.PROVIDERS, "owner": cast.TENANTS, "project_manager": cast.TENANTS, "member": cast.TENANTS,
}  # fmt: skip
SHARES = {(each.authority, each.cluster, each.kind): each.gpus for each in cast.SHARES}


def promised(only_waiting: bool = False):
    """(tenant, project, cluster, kind, GPUs) of every quota, or of every request that may still be approved."""
    if only_waiting:
        for each in (each for each in cast.REQUESTS if each.state != "rejected"):
            tenant = next(tenant for tenant in cast.TENANTS if tenant.slug == each.tenant)
            project = next(project for project in tenant.projects if project.slug == each.project)
            yield tenant, project, cast.cluster(each.cluster), each.kind, each.gpus
        return
    for tenant in cast.TENANTS:
        for project in tenant.projects:
            for quota in project.quotas:
                yield tenant, project, cast.cluster(quota.cluster), quota.kind, quota.gpus


def test_names_are_used_once():
    for group in (cast.AUTHORITIES, cast.PROVIDERS, cast.CLUSTERS, cast.KINDS, cast.TENANTS):
        assert Counter(each.slug for each in group).most_common(1)[0][1] == 1
        assert Counter(each.name for each in group).most_common(1)[0][1] == 1
    assert len({each.email for each in cast.PEOPLE}) == len(cast.PEOPLE)
    assert len(cast.stages()) == sum(len(tenant.projects) for tenant in cast.TENANTS)


def test_the_world_has_the_size_that_was_asked_for():
    assert 2700 <= sum(rack.gpus for cluster in cast.CLUSTERS for rack in cluster.racks) <= 3300
    assert 16 <= len(cast.TENANTS) <= 24
    assert {tenant.kind for tenant in cast.TENANTS} == {
        "public_agency", "regional_authority", "industry", "startup", "academia",
    }  # fmt: skip
    assert len({each.country for each in cast.AUTHORITIES}) == len(cast.AUTHORITIES) >= 3


def test_people_are_at_places_that_exist_and_nobody_can_be_written_to():
    for person in cast.PEOPLE:
        assert person.email.endswith(".example")
        if person.role in PLACES:
            assert person.place in {each.slug for each in PLACES[person.role]}
        else:
            assert (person.role, person.place) in {("platform_admin", ""), ("applicant", "")}
    for case in cast.CASES:
        assert any(each.email == case.applicant and each.role == "applicant" for each in cast.PEOPLE)
        assert case.authority in {each.slug for each in cast.AUTHORITIES}


def test_every_role_is_among_the_printed_accounts():
    assert {each.role for each in cast.PEOPLE if each.shown} == {*PLACES, "platform_admin", "applicant"}


def test_every_place_has_the_people_that_its_decisions_need():
    at = Counter((each.place, each.role) for each in cast.PEOPLE)
    for authority in cast.AUTHORITIES:
        assert at[authority.slug, "onboarding_officer"] >= 1 + authority.policies.get("onboarding.second_person", 0)
        assert at[authority.slug, "quota_approver"] == 2
        assert at[authority.slug, "auditor"] == 1
    assert all(at[each.slug, "operator"] for each in cast.PROVIDERS)
    assert all(at[each.slug, "owner"] == 1 for each in cast.TENANTS)


@pytest.mark.parametrize("only_waiting", [False, True])
def test_work_is_only_where_its_data_may_be(only_waiting):
    order = ("public", "internal", "confidential", "restricted")
    for tenant, project, cluster, kind, _gpus in promised(only_waiting):
        assert project.data_class in cluster.data_classes, (project.slug, cluster.slug)
        assert tenant.data_class in cluster.data_classes, (tenant.slug, cluster.slug)
        assert order.index(project.data_class) <= order.index(tenant.data_class)
        assert cluster.country in tenant.residency, (tenant.slug, cluster.slug)
        assert kind in cluster.kinds


def test_promises_fit_into_shares_and_shares_into_pools():
    by_share: Counter[tuple[str, str, str]] = Counter()
    by_pool: Counter[tuple[str, str]] = Counter()
    for tenant, _project, cluster, kind, gpus in promised():
        by_share[tenant.authority, cluster.slug, kind] += gpus
        by_pool[cluster.slug, kind] += gpus
    assert all(gpus <= SHARES[share] for share, gpus in by_share.items())
    for (slug, kind), gpus in by_pool.items():
        installed = cast.cluster(slug).gpus(kind)
        assert sum(each.gpus for each in cast.SHARES if (each.cluster, each.kind) == (slug, kind)) <= installed
        assert gpus <= 0.86 * installed, (slug, kind, gpus / installed)


def test_most_of_what_waits_can_be_approved_in_full():
    used: Counter[tuple[str, str, str]] = Counter()
    for tenant, _project, cluster, kind, gpus in promised():
        used[tenant.authority, cluster.slug, kind] += gpus
    too_much = [
        (tenant.slug, gpus)
        for tenant, _project, cluster, kind, gpus in promised(only_waiting=True)
        if used[tenant.authority, cluster.slug, kind] + gpus > SHARES[tenant.authority, cluster.slug, kind]
    ]
    assert too_much == [("tallbacken", 56)]


def test_a_namespace_is_a_name_that_engines_accept():
    for name in cast.stages():
        assert len(name) <= 63
        assert name.replace("-", "").isalnum()
        assert name == name.lower()
