import pytest
from django.urls import reverse

from portal.core.registry import notice_acts
from portal.models import AuditEvent, NoticeChoice
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    user = make_user()
    client.force_login(user)
    return user


def test_the_page_shows_everything_ticked_before_anybody_chose(client, reader):
    page = client.get(reverse("notice-choices")).content.decode()
    acts = len(list(notice_acts))
    assert page.count('type="checkbox"') == 2 * acts
    assert page.count("checked") == 2 * acts + 1  # and the rhythm


def test_what_is_not_ticked_is_kept_and_shown_again(client, reader):
    answer = client.post(
        reverse("notice-choices"), {"rhythm": "hourly", "hour": "6", "bell": ["case.approved"], "mail": []}
    )
    assert answer.status_code == 302
    row = NoticeChoice.objects.get(user=reader)
    assert (row.rhythm, row.hour) == ("hourly", 6)
    assert "case.approved" not in row.not_in_bell
    assert "case.approved" in row.not_by_mail
    assert AuditEvent.objects.get().act == "notices.chosen"
    assert client.get(reverse("notice-choices")).content.decode().count("checked") == 2


def test_an_odd_hour_is_refused_and_nothing_typed_is_lost(client, reader):
    answer = client.post(reverse("notice-choices"), {"rhythm": "daily", "hour": "25", "bell": ["case.approved"]})
    assert answer.status_code == 422
    assert answer.content.decode().count("checked") == 2
    assert not NoticeChoice.objects.exists()


def test_the_api_reads_and_writes_the_same(client, reader):
    address = reverse("api-notification-choices")
    assert client.get(address).json() == {"rhythm": "daily", "hour": 8, "not_in_bell": [], "not_by_mail": []}
    wanted = {"rhythm": "never", "hour": 9, "not_in_bell": ["case.approved"], "not_by_mail": []}
    assert client.put(address, wanted, content_type="application/json").json() == wanted
    assert client.get(address).json() == wanted
