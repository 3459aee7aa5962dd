"""How long a tenant may answer and appeal is the authority's policy."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.errors import Refused
from resources.demo import clock
from resources.models import QuotaRequest
from resources.services.appeals import appeal_ends, appeal_request
from resources.services.decisions import ask_for_changes, reject_request
from resources.services.desk import sweep_questions
from tenants.models import PolicyRule
from tenants.queries.policies import who_is_hit
from tests.factories.resources import make_request
from tests.factories.tenants import make_policy

pytestmark = pytest.mark.django_db
Key = PolicyRule.Key


def refused(house):
    request = make_request(house.project, house.pool, house.owner)
    return reject_request(acting_user=house.approver, request=request, reason="No")


@pytest.mark.parametrize("days", [None, 5])
def test_a_refusal_is_appealed_within_the_days_of_the_policy(house, days):
    if days:
        make_policy(house.authority, Key.QUOTA_APPEAL_DAYS, days)
    request = refused(house)
    assert appeal_ends(request) == request.decided_at + timedelta(days=days or 30)
    with (
        clock.on(request.decided_at + timedelta(days=days or 30, seconds=1)),
        pytest.raises(Refused, match="time in which"),
    ):
        appeal_request(acting_user=house.owner, request=request, text="Look again")
    with clock.on(request.decided_at + timedelta(days=days or 30, seconds=-1)):
        assert appeal_request(acting_user=house.owner, request=request, text="Look again").state == "appealed"


def test_an_authority_may_take_no_appeals(house):
    make_policy(house.authority, Key.QUOTA_APPEAL_DAYS, 0)
    request = refused(house)
    assert appeal_ends(request) is None
    with pytest.raises(Refused, match="takes no appeals"):
        appeal_request(acting_user=house.owner, request=request, text="Look again")


@pytest.mark.parametrize("days", [None, 4])
def test_a_question_lapses_after_the_days_of_the_policy(house, days):
    if days:
        make_policy(house.authority, Key.QUOTA_ANSWER_DAYS, days)
    request = make_request(house.project, house.pool, house.owner)
    ask_for_changes(acting_user=house.approver, request=request, reason="Why?")
    assert who_is_hit(house.authority, Key.QUOTA_ANSWER_DAYS, 9) != []
    now = timezone.now()
    with clock.on(now + timedelta(days=days or 30, minutes=-5)):
        sweep_questions()
        assert QuotaRequest.objects.get(pk=request.pk).state == "info_requested"
    with clock.on(now + timedelta(days=days or 30, minutes=5)):
        sweep_questions()
    assert QuotaRequest.objects.get(pk=request.pk).state == "lapsed"
