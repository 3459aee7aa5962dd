"""Access modes of an authority: versions, limits, questions, who is hit, who may."""

import pytest
from django.urls import reverse

from portal.core.errors import Conflict, Refused
from resources.models import AccessMode
from resources.queries.modes import modes_in_force, offered_modes
from resources.services.modes import begin_mode, drop_mode, hit_by, publish_mode, write_mode
from tests.factories.resources import make_request
from tests.factories.tenants import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(house):
    return begin_mode(acting_user=house.approver, authority=house.authority, slug="playground")


def test_the_portals_own_three_are_offered_until_an_authority_has_its_own(house, begun):
    assert [mode.slug for mode in offered_modes(house.authority)] == ["playground", "fast-lane", "large-scale"]
    write_mode(acting_user=house.approver, row=begun, facts={"max_gpus": 2})
    assert offered_modes(house.authority)[0].max_gpus == 16
    publish_mode(acting_user=house.approver, row=begun, note="Smaller")
    assert offered_modes(house.authority)[0].max_gpus == 2
    assert offered_modes(make_authority())[0].max_gpus == 16


def test_a_hidden_mode_is_in_force_and_not_offered(house, begun):
    write_mode(acting_user=house.approver, row=begun, facts={"offered": False})
    publish_mode(acting_user=house.approver, row=begun, note="Closed for the summer")
    assert [mode.slug for mode in offered_modes(house.authority)] == ["fast-lane", "large-scale"]
    assert len(modes_in_force(house.authority)) == 3


def test_a_published_version_stays_and_the_next_begins_as_its_copy(house, begun):
    write_mode(acting_user=house.approver, row=begun, facts={"service_days": 1})
    publish_mode(acting_user=house.approver, row=begun, note="Faster")
    for act in (
        lambda: write_mode(acting_user=house.approver, row=begun, facts={"service_days": 9}),
        lambda: publish_mode(acting_user=house.approver, row=begun, note="x"),
        lambda: drop_mode(acting_user=house.approver, row=begun),
    ):
        with pytest.raises(Conflict, match="in force or gone"):
            act()
    following = begin_mode(acting_user=house.approver, authority=house.authority, slug="playground")
    assert (following.version, following.service_days) == (2, 1)
    assert begin_mode(acting_user=house.second, authority=house.authority, slug="playground") == following
    drop_mode(acting_user=house.approver, row=following)
    assert AccessMode.objects.filter(authority=house.authority).count() == 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"name": {"fr": "Jeu"}}, "name in English"),
        ({"questions": [{"key": "xx", "kind": "poem", "label": {"en": "X"}}]}, "which there is not"),
        ({"questions": [{"key": "xx", "kind": "choice", "label": {"en": "X"}}]}, "offers no choices"),
        ({"questions": [{"key": "xx", "kind": "legal_id", "label": {"en": "X"}}]}, "cannot be asked here"),
    ],
)
def test_what_cannot_be_asked_is_refused(house, begun, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        write_mode(acting_user=house.approver, row=begun, facts=facts)


def test_who_is_hit_is_counted_on_what_was_asked(house, begun):
    mode = AccessMode.objects.get(slug="playground", authority=None)
    asked = {"mode": mode, "mode_answers": {"first_time": "no"}}
    make_request(house.project, house.pool, house.owner, amount=2, days=10, **asked)
    large = make_request(house.project, house.pool, house.owner, amount=9, days=10, **asked)
    write_mode(acting_user=house.approver, row=begun, facts={"max_gpus": 4})
    begun.refresh_from_db()
    hit = hit_by(begun, house.approver)
    assert (hit.asked, hit.open, [request for request, _why in hit.refused]) == (2, 2, [large])


def test_the_pages_lead_from_the_next_version_to_the_offer(client, house):
    client.force_login(house.approver)
    home = reverse("modes", args=[house.authority.public_id])
    assert "Playground" in client.get(home).content.decode()
    client.post(reverse("mode-begin", args=[house.authority.public_id]), {"mode": "playground", "own": ""})
    row = AccessMode.objects.get(authority=house.authority)
    page = reverse("mode", args=[row.public_id])
    assert client.get(page).status_code == 200
    typed = {"name_en": "Sandbox", "about_en": "Try", "max_gpus": "8", "max_gpu_hours": "", "max_months": "1",
             "service_days": "1", "offered": "on", "position": "5"}  # fmt: skip
    assert client.get(reverse("mode-edit", args=[row.public_id])).status_code == 200
    client.post(reverse("mode-edit", args=[row.public_id]), typed)
    question = {
        "key": "idea",
        "kind": "long",
        "label_en": "What is the idea?",
        "required": "on",
    }
    client.post(reverse("mode-question-new", args=[row.public_id]), question)
    changed = {**question, "label_en": "What is your idea?"}
    client.post(reverse("mode-question", args=[row.public_id, "idea"]), changed)
    client.post(reverse("mode-question-move", args=[row.public_id, "idea"]), {"then": "up"})
    row.refresh_from_db()
    assert next((each["key"], each["label"]["en"]) for each in row.questions) == ("idea", "What is your idea?")
    client.post(reverse("mode-question-move", args=[row.public_id, "first_time"]), {"then": "remove"})
    assert client.get(reverse("mode-publish", args=[row.public_id])).status_code == 200
    client.post(reverse("mode-publish", args=[row.public_id]), {"note": "Ours"})
    row.refresh_from_db()
    assert (str(row), row.max_gpus, row.max_gpu_hours, row.is_published, len(row.questions)) == (
        "Sandbox", 8, None, True, 1,
    )  # fmt: skip
    assert "Sandbox" in client.get(home).content.decode()


def test_who_only_reads_changes_nothing(client, house, begun):
    for who, status in ((house.auditor, 403), (house.owner, 404), (house.operator, 404)):
        client.force_login(who)
        assert client.post(reverse("mode-edit", args=[begun.public_id]), {"name_en": "x"}).status_code == status
        assert client.post(reverse("mode-publish", args=[begun.public_id]), {"note": "x"}).status_code == status
    begun.refresh_from_db()
    assert not begun.is_published


def test_machines_write_versions_and_read_what_is_offered(client, house):
    client.force_login(house.approver)

    def call(method, name, body=None, *args):
        return getattr(client, method)(reverse(name, args=args), body, content_type="application/json")

    made = call("post", "api-mode-list", {"authority": str(house.authority.public_id), "slug": "flood"}).json()
    assert (made["version"], made["published_at"]) == (1, None)
    call("put", "api-mode-detail", {"name": {"en": "Flood"}, "max_gpus": 4, "service_days": 1}, made["public_id"])
    done = call("post", "api-mode-publish", {"note": "For floods"}, made["public_id"]).json()
    assert (done["max_gpus"], done["published_at"] is not None) == (4, True)
    client.force_login(house.owner)
    query = f"?authority={house.authority.public_id}"
    offered = client.get(reverse("api-mode-offered") + query).json()
    assert [mode["slug"] for mode in offered] == ["playground", "fast-lane", "large-scale", "flood"]
    assert client.get(reverse("api-mode-offered") + "?authority=x").status_code == 404
