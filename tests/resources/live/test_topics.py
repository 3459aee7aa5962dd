from __future__ import annotations

import pytest

from portal.core.errors import NotFound
from resources.live.topics import Part, cut_for
from resources.models import Environment, Quota
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import make_member, make_project, make_tenant
from tests.resources.conftest import make_house

pytestmark = pytest.mark.django_db


def settle_in(tenant, cluster, pool, name):
    project = make_project(tenant)
    facts = {"tenant": tenant, "authority": tenant.authority}
    environment = Environment.objects.create(project=project, cluster=cluster, external_name=name, **facts)
    Quota.objects.create(environment=environment, pool=pool, wanted=4, revision=1, **facts)
    return environment


@pytest.fixture
def world(db):
    house, other = make_house(), make_house()
    neighbour = make_tenant(authority=house.authority)
    settle_in(house.tenant, house.cluster, house.pool, "acme")
    settle_in(neighbour, house.cluster, house.pool, "neighbour")
    settle_in(other.tenant, house.cluster, house.pool, "borg")
    house.other, house.neighbour = other, neighbour
    return house


def test_cut_of_a_tenant_member_is_that_tenant_and_no_cluster_whole(world):
    assert cut_for(world.member, "capacity").clusters == {
        world.cluster.pk: Part(whole=False, tenants=[world.tenant.public_id.hex])
    }


def test_cut_of_an_authority_with_a_share_is_the_cluster_whole_and_its_own_tenants_by_name(world):
    part = cut_for(world.approver, "capacity").clusters[world.cluster.pk]
    assert part.whole
    assert set(part.tenants) == {world.tenant.public_id.hex, world.neighbour.public_id.hex}


def test_cut_of_an_authority_without_a_share_is_its_tenant_there(world):
    cut = cut_for(world.other.approver, "capacity").clusters
    assert cut == {
        world.cluster.pk: Part(whole=False, tenants=[world.other.tenant.public_id.hex]),
        world.other.cluster.pk: Part(whole=True, tenants=[]),
    }


def test_cut_of_an_operator_is_the_cluster_whole_with_everybody_on_it(world):
    part = cut_for(world.operator, "capacity").clusters[world.cluster.pk]
    assert part.whole
    assert len(part.tenants) == 3


def test_cut_of_a_platform_admin_names_no_tenant(world):
    parts = cut_for(make_admin(), "capacity").clusters
    assert {part.whole for part in parts.values()} == {True}
    assert [name for part in parts.values() for name in part.tenants] == []


def test_cut_of_a_stranger_is_empty(world):
    cut = cut_for(user := make_user(), "capacity")
    assert (cut.clusters, cut.rooms) == ({}, [f"user.{user.pk}"])


@pytest.mark.parametrize("topic", ["tenant:{tenant}", "cluster:{cluster}", "tenant:nonsense", "everything", "cluster:"])
def test_cut_of_a_foreign_topic_is_not_found(world, topic):
    name = topic.format(tenant=world.tenant.public_id, cluster=world.cluster.public_id)
    with pytest.raises(NotFound):
        cut_for(make_user(), name)


def test_cut_of_a_cluster_page_for_a_tenant_member_names_only_that_tenant(world):
    cut = cut_for(world.member, f"cluster:{world.cluster.public_id}")
    assert cut.clusters == {world.cluster.pk: Part(whole=False, tenants=[world.tenant.public_id.hex])}


def test_rooms_are_those_of_the_persons_own_anchors(world):
    assert cut_for(world.member, "events").rooms == [f"user.{world.member.pk}", f"tenant.{world.tenant.pk}"]
    assert cut_for(world.approver, "events").rooms == [f"user.{world.approver.pk}", f"authority.{world.authority.pk}"]
    assert cut_for(world.operator, "events").rooms == [f"user.{world.operator.pk}", f"provider.{world.provider.pk}"]


def test_cut_asks_a_fixed_number_of_questions(world, django_assert_num_queries):
    with django_assert_num_queries(9):
        cut_for(world.approver, "capacity")


def test_cut_is_the_same_for_two_members(world):
    assert (
        cut_for(make_member(world.tenant, "member"), "capacity").clusters == cut_for(world.member, "capacity").clusters
    )
