"""Pages and API of the desk: several requests in one go, giving away, appealing."""

import pytest
from django.test import Client
from django.urls import reverse

from resources.models import Grant, QuotaRequest
from resources.services.decisions import reject_request
from tests.factories.resources import make_request


@pytest.fixture
def sign_in():
    def as_(user):
        client = Client()
        client.force_login(user)
        return client

    return as_


def sent(house, amount=10):
    return make_request(house.project, house.pool, house.owner, amount)


def test_several_are_shown_first_and_then_taken(house, sign_in):
    rows = [sent(house, 40), sent(house, 45), sent(house, 40)]
    page, at = sign_in(house.approver), reverse("requests-bulk")
    ids = {"id": [str(row.public_id) for row in rows]}
    listed = page.get(reverse("requests")).content.decode()
    assert all(f'form="bulk" name="id" value="{each}"' in listed for each in ids["id"])
    asked = page.post(at, ids).content.decode()
    assert "Approve 2 of 3 requests in full?" in asked
    assert "Approve 85 GPUs" in asked
    assert Grant.objects.count() == 0
    done = page.post(at, {**ids, "confirmed": "1"}).content.decode()
    assert "2 of 3 requests were approved" in done
    assert "can promise 15 more" in done
    assert sorted(Grant.objects.values_list("amount", flat=True)) == [40, 45]


def test_a_tenant_ticks_nothing(house, sign_in):
    sent(house)
    assert 'form="bulk"' not in sign_in(house.owner).get(reverse("requests")).content.decode()


def test_who_decides_gives_it_to_a_colleague(house, sign_in):
    row = sent(house)
    page = sign_in(house.approver)
    at = reverse("request-assign", args=[row.public_id])
    assert str(house.second) in page.get(at).content.decode()
    assert page.post(at, {"approver": str(house.second.public_id)}).status_code == 302
    mine = sign_in(house.second).get(reverse("requests") + "?tab=mine").content.decode()
    assert row.reference in mine


def test_the_owner_appeals_on_the_page_of_the_refusal(house, sign_in):
    row = reject_request(acting_user=house.approver, request=sent(house), reason="Too many")
    page, at = sign_in(house.owner), reverse("request-appeal", args=[row.public_id])
    assert at in page.get(reverse("request", args=[row.public_id])).content.decode()
    assert page.post(at, {"text": "The use says otherwise"}).status_code == 302
    shown = page.get(reverse("request", args=[row.public_id])).content.decode()
    assert "The use says otherwise" in shown
    assert at not in shown
    decider = sign_in(house.approver).get(reverse("request", args=[row.public_id])).content.decode()
    assert "Other people have to decide" in decider
    assert 'name="decision"' not in decider
    second = sign_in(house.second).get(reverse("request", args=[row.public_id])).content.decode()
    assert 'name="decision"' in second


def test_machines_do_the_same(house, sign_in):
    rows = [sent(house, 5), sent(house, 6)]
    api = sign_in(house.approver)
    body = {"requests": [str(row.public_id) for row in rows]}
    answer = api.post(reverse("api-request-approve-many"), body, content_type="application/json")
    assert [each["done"] for each in answer.json()] == [True, True]
    row = sent(house)
    at = reverse("api-request-assign", args=[row.public_id])
    assert api.post(at, {"approver": str(house.second.public_id)}, content_type="application/json").status_code == 200
    assert QuotaRequest.objects.get(pk=row.pk).reviewer == house.second


def test_a_bulk_decision_about_nothing_says_so(house, sign_in):
    answer = sign_in(house.approver).post(reverse("requests-bulk"), {"id": ["no-uuid"]}, follow=True)
    assert answer.redirect_chain == [(reverse("requests"), 302)]
    assert "No request was ticked that you may decide." in answer.content.decode()
