"""Texts that approvers choose from: their own list, in the form of a decision, with a script and without."""

import pytest
from django.urls import reverse

from resources.forms.decisions import DecisionForm
from resources.models import Decision
from tenants.models import StockText
from tests.factories.people import make_user
from tests.factories.resources import make_request
from tests.factories.tenants import make_member, make_staff

pytestmark = pytest.mark.django_db
OWN = {"en": "Our cluster rests in August.", "de": "Unser Cluster ruht im August."}


@pytest.fixture
def own(house):
    return house.authority.stock_texts.create(use="quota_refusal", texts=OWN, set_by=house.approver)


def read(client, name, *args):
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_approvers_keep_a_list_of_their_own_that_officers_do_not_write(client, house):
    client.force_login(house.approver)
    assert "The pool is full in this period." in read(client, "request-texts", house.authority.public_id)
    assert "identity of the organisation" not in read(client, "request-texts", house.authority.public_id)
    new = reverse("request-text-new", args=[house.authority.public_id])
    assert client.post(new, {"use": "ground", "text_en": "x"}).status_code == 422
    client.post(new, {"use": "quota_reason", "text_en": "Ours"})
    row = StockText.objects.get()
    assert (row.use, row.texts) == ("quota_reason", {"en": "Ours"})
    client.post(reverse("stock-text-edit", args=[row.public_id]), {"text_en": "Ours, better"})
    officer = make_staff(house.authority)
    client.force_login(officer)
    assert client.get(reverse("stock-text-edit", args=[row.public_id])).status_code == 404
    assert client.get(reverse("request-texts", args=[house.authority.public_id])).status_code == 403
    assert "Ours, better" not in read(client, "stock-texts", house.authority.public_id)
    client.force_login(house.approver)
    client.post(reverse("stock-text-retire", args=[row.public_id]))
    assert "Ours, better" not in read(client, "request-texts", house.authority.public_id)


def test_the_portals_own_are_copied_to_begin_with(client, house):
    client.force_login(house.approver)
    copy = reverse("request-text-copy", args=[house.authority.public_id])
    client.post(copy, {"use": "quota_refusal"})
    assert StockText.objects.filter(use="quota_refusal").count() == 3
    client.post(copy, {"use": "ground"})
    assert not StockText.objects.filter(use="ground").exists()


def test_a_chosen_text_fills_the_reason_in_the_language_of_who_asked(client, house, own):
    person = make_member(house.tenant, "project_manager", make_user(language="de"))
    request = make_request(house.project, house.pool, person)
    client.force_login(house.approver)
    assert OWN["en"] in read(client, "request", request.public_id)
    facts = {"phrase": f"quota_refusal:{own.public_id}", "reason": "Sorry."}
    part = client.post(reverse("request-reason", args=[request.public_id]), facts).content.decode()
    assert "Sorry.\n\nUnser Cluster ruht im August.</textarea>" in part
    assert 'name="phrase"' in part
    assert not Decision.objects.exists()


def test_without_a_script_the_text_is_read_back_and_kept(client, house, own):
    request = make_request(house.project, house.pool, house.owner)
    client.force_login(house.approver)
    decide = reverse("request-decide", args=[request.public_id])
    facts = {"decision": "reject", "phrase": f"quota_refusal:{own.public_id}", "reason": ""}
    page = client.post(decide, facts).content.decode()
    assert page.count("Our cluster rests in August.") == 2  # read back, and sent along
    client.post(decide, {"decision": "reject", "reason": OWN["en"], "phrase": "", "confirmed": "1"})
    assert Decision.objects.get().reason == OWN["en"]


def test_the_same_text_is_not_put_in_twice(house, own):
    request = make_request(house.project, house.pool, house.owner)
    form = DecisionForm(user=house.approver, row=request)
    typed = {"phrase": f"quota_refusal:{own.public_id}", "reason": OWN["en"]}
    assert form.combined(typed) == OWN["en"]
    assert form.combined({"phrase": "", "reason": " x "}) == "x"


def test_machines_of_approvers_add_texts_of_requests_alone(client, house):
    def add(use):
        body = {"authority": str(house.authority.public_id), "use": use, "texts": {"en": "Ours"}}
        return client.post(reverse("api-stock-text-list"), body, content_type="application/json").status_code

    client.force_login(house.approver)
    assert (add("quota_question"), add("ground")) == (201, 403)
    client.force_login(make_staff(house.authority))
    assert (add("quota_question"), add("ground")) == (403, 201)
