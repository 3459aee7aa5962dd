"""Sixteen approvers at once cannot promise more than there is."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum

from portal.core.errors import PortalError
from resources.models import Grant, QuotaRequest
from resources.services.decisions import approve_request
from tests.factories.resources import make_request
from tests.resources.conftest import make_house

THREADS = 16
EACH = 9


@pytest.mark.django_db(transaction=True)
def test_sixteen_approvers_at_once_stay_within_the_pool():
    house = make_house(gpus=100)
    requests = [make_request(house.project, house.pool, house.owner, amount=EACH) for _each in range(THREADS)]

    def approve(pk):
        try:
            approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=pk), reason="All at once")
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(approve, [request.pk for request in requests]))
    promised = Grant.objects.aggregate(gpus=Sum("amount"))["gpus"]
    # ten of nine fill the policy line exactly; the eleventh would pass it and waits for a second person
    assert promised == 90
    assert outcomes.count("approved") == THREADS
    assert QuotaRequest.objects.filter(state="awaiting_second").count() == THREADS - 10


@pytest.mark.django_db(transaction=True)
def test_sixteen_hands_on_one_request_make_one_decision():
    house = make_house(gpus=100)
    request = make_request(house.project, house.pool, house.owner, amount=EACH)

    def approve(_number):
        try:
            approve_request(acting_user=house.approver, request=QuotaRequest.objects.get(pk=request.pk))
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(approve, range(THREADS)))
    assert outcomes.count("approved") == 1
    assert Grant.objects.count() == 1
