"""An approver's role may be limited to single clusters; what is asked elsewhere is not theirs to decide in any way."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.core.registry import nav_entries
from portal.models import Notification
from resources.errors import NoShare
from resources.models import Grant
from resources.queries.deciders import who_could_agree
from resources.queries.waiting import waiting_for
from resources.services import decisions
from resources.services.requests import submit_request
from tenants.models import AuthorityMembership
from tenants.services.delegations import delegate_role
from tenants.services.memberships import give_role
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_cluster, make_draft, make_request

ACTS = [
    decisions.take_into_review, decisions.approve_request, decisions.reject_request, decisions.ask_for_changes,
]  # fmt: skip


@pytest.fixture
def limited(house):
    """An approver who decides on the house's cluster alone, and one who decides on another one."""
    elsewhere = make_cluster(provider=house.provider)

    def make(cluster):
        user = make_user()
        give_role(
            acting_user=house.approver, anchor=house.authority, user=user, role="quota_approver",
            only_clusters=[cluster.public_id],
        )  # fmt: skip
        return user

    house.here, house.there, house.elsewhere = make(house.cluster), make(elsewhere), elsewhere
    return house


def sent(house):
    return make_request(house.project, house.pool, house.owner, amount=5)


@pytest.mark.parametrize("act", ACTS)
def test_a_role_of_another_cluster_decides_nothing_here(limited, act):
    more = {} if act is decisions.take_into_review else {"reason": "Not ours"}
    with pytest.raises(NoShare, match="whose role includes its clusters"), transaction.atomic():
        act(acting_user=limited.there, request=sent(limited), **more)
    act(acting_user=limited.here, request=sent(limited), **more)


def test_only_those_in_reach_are_told_and_see_it_counted(limited):
    request = make_draft(limited.project, limited.pool, limited.owner)
    submit_request(acting_user=limited.owner, request=request)
    told = set(Notification.objects.values_list("user", flat=True))
    assert limited.here.pk in told
    assert limited.there.pk not in told
    count = nav_entries["requests"].count
    assert (count(limited.here), count(limited.there), count(limited.approver)) == (1, 0, 1)
    assert [each.text.partition(" ")[0] for each in waiting_for(limited.here)] == [request.reference]
    assert waiting_for(limited.there) == []


def test_the_second_person_needs_the_cluster_too(limited):
    limited.pool.policy_line_percent = 1
    limited.pool.save()
    request = sent(limited)
    decisions.approve_request(acting_user=limited.approver, request=request, reason="The plan")
    for act in (decisions.confirm_request, decisions.send_back_request):
        with pytest.raises(NoShare), transaction.atomic():
            act(acting_user=limited.there, request=request, reason="Seen")
    decisions.confirm_request(acting_user=limited.here, request=request)
    assert Grant.objects.count() == 1


def test_who_stands_in_gains_no_cluster(limited):
    row = AuthorityMembership.objects.get(user=limited.there)
    stand_in = make_user()
    give_role(acting_user=limited.approver, anchor=limited.authority, user=stand_in, role="onboarding_officer")
    ends = timezone.now() + timedelta(days=3)
    made = delegate_role(acting_user=limited.there, membership=row, to=stand_in, valid_until=ends)
    assert made.only_clusters == [limited.elsewhere.public_id]
    with pytest.raises(NoShare):
        decisions.approve_request(acting_user=stand_in, request=sent(limited))


def test_the_page_offers_the_decision_to_whom_it_belongs(limited, client):
    request = sent(limited)
    address = reverse("request", args=[request.public_id])
    for who, offered in ((limited.here, True), (limited.there, False)):
        client.force_login(who)
        assert ('name="decision"' in client.get(address).content.decode()) is offered
    assert limited.cluster.name in own_roles(client, limited.here)
    assert limited.elsewhere.name in own_roles(client, limited.there)


def own_roles(client, user):
    client.force_login(user)
    return client.get(reverse("my-roles")).content.decode()


def test_the_limit_is_given_in_the_form_and_by_the_api_to_approvers_alone(limited, client):
    client.force_login(make_admin())
    at = reverse("staff-new", args=[limited.authority.public_id])
    facts = {"email": "new@desk.test", "full_name": "New", "only_clusters": [str(limited.cluster.public_id)]}
    assert client.post(at, {**facts, "role": "auditor"}).status_code == 422
    assert client.post(at, {**facts, "role": "quota_approver"}).status_code == 302
    row = AuthorityMembership.objects.get(user__email="new@desk.test")
    assert row.only_clusters == [limited.cluster.public_id]
    page = client.get(reverse("authority-people", args=[limited.authority.public_id])).content.decode()
    assert f"only on {limited.cluster}" in page.replace("\u2068", "").replace("\u2069", "")
    body = {**facts, "authority": str(limited.authority.public_id), "email": "other@desk.test"}
    listing = reverse("api-staff-list")
    for wrong in ({"role": "auditor"}, {"role": "quota_approver", "only_clusters": [str(limited.pool.public_id)]}):
        assert client.post(listing, {**body, **wrong}, content_type="application/json").status_code in {400, 422}
    answer = client.post(listing, {**body, "role": "quota_approver"}, content_type="application/json")
    assert (answer.status_code, answer.json()["only_clusters"]) == (201, facts["only_clusters"])


def test_the_database_keeps_the_limit_to_approvers(limited):
    with pytest.raises(IntegrityError, match="only_approvers_have_clusters"), transaction.atomic():
        AuthorityMembership.objects.filter(user=limited.auditor).update(only_clusters=[limited.cluster.public_id])


def test_only_who_decides_on_the_cluster_is_named_as_second_person(limited):
    limited.pool.policy_line_percent = 1
    limited.pool.save()
    request = sent(limited)
    decisions.approve_request(acting_user=limited.approver, request=request, reason="The plan")
    found = who_could_agree(request, request.decisions.get())
    assert limited.here in found
    assert limited.there not in found
