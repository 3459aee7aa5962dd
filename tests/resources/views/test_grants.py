"""Grants and idle GPUs as people see them: lists cost the same, numbers are those of an independent count."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from resources.models import Grant, IdleFinding
from resources.services.decisions import approve_request
from tests.factories.resources import make_finding, make_renewal, make_request, measure


def granted(house, amount=20, days=60, start_days=-40):
    request = make_request(house.project, house.pool, house.owner, amount=amount, start_days=start_days, days=days)
    approve_request(acting_user=house.approver, request=request)
    return Grant.objects.select_related("pool__cluster").get(line__request=request)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/grants/", 6), ("/idle/", 6)])
def test_a_list_costs_the_same_for_one_and_for_three(house, django_assert_num_queries, path, queries, count):
    for _each in range(count):
        make_finding(granted(house, amount=5))
    page = browser(house.owner)
    page.get(path)
    with django_assert_num_queries(queries):
        page.get(path, HTTP_HX_REQUEST="true")


def test_the_page_of_a_grant_says_what_was_measured(house):
    grant = granted(house)
    measure(grant, busy=8, allocated=12, hours=48)
    for user in (house.owner, house.approver, house.operator):
        said = text_of(browser(user).get(f"/grants/{grant.public_id}/"))
        assert "960" in said  # 20 GPUs in 48 hours
        assert "576" in said
        assert "384" in said
        assert "40.0 %" in said
        assert "speaks for 8" in said


def test_nothing_measured_is_said_and_is_no_zero(house):
    grant = granted(house)
    assert "not zero use: it is not known" in text_of(browser(house.owner).get(f"/grants/{grant.public_id}/"))


def test_a_request_about_a_grant_shows_its_use_to_who_asks_and_who_decides(house):
    grant = granted(house)
    measure(grant, busy=8, hours=48)
    request = make_renewal(grant, house.owner, 20)
    for user in (house.owner, house.approver):
        assert "speaks for 8" in text_of(browser(user).get(f"/requests/{request.public_id}/"))


def test_one_link_renews_a_grant_and_its_form_says_what_was_measured(house):
    grant = granted(house)
    measure(grant, busy=8, hours=48)
    page = browser(house.owner)
    said = text_of(page.get(f"/grants/{grant.public_id}/"))
    assert said.count("change=extension") == 1
    address = unescape(re.search(r'href="([^"]*change=extension[^"]*)"', said)[1])
    form = text_of(page.get(address))
    title = strip_tags(form).translate({0x2068: None, 0x2069: None})
    assert f"Renew 20 {house.pool.kind.name} of {house.project.name}" in title
    assert "speaks for 8" in form
    assert 'data-fill="id_amount" data-value="8"' in form
    assert "takes its place at that moment, without a gap" in form


def test_what_is_continued_already_is_not_renewed_again(house):
    grant = granted(house)
    request = make_renewal(grant, house.owner, 20)
    approve_request(acting_user=house.approver, request=request)
    said = text_of(browser(house.owner).get(f"/grants/{grant.public_id}/"))
    assert "At its end a grant of 20" in said
    assert "change=extension" not in said


def test_the_export_of_grants_is_what_is_filtered(house):
    granted(house, amount=7)
    granted(house, amount=9)
    rows = csv.DictReader(io.StringIO(browser(house.owner).get("/grants/?tab=all&format=csv").content.decode()))
    assert sorted(row["GPUs"] for row in rows) == ["7", "9"]


def test_the_tenants_home_leads_to_renewing_what_ends(house):
    grant = granted(house)
    Grant.objects.filter(pk=grant.pk).update(state="expiring")
    said = text_of(browser(house.owner).get(f"/tenants/{house.tenant.public_id}/ends/"))
    assert f"grant={grant.public_id}" in said
    assert "Renew" not in text_of(browser(house.member).get(f"/tenants/{house.tenant.public_id}/ends/"))


def test_taking_a_grant_back_wants_a_reason(house):
    grant = granted(house)
    page = browser(house.approver)
    assert page.post(f"/grants/{grant.public_id}/revoke/", {"reason": " "}).status_code == 422
    assert page.post(f"/grants/{grant.public_id}/revoke/", {"reason": "Misuse"}).status_code == 302
    assert Grant.objects.get().state == "revoked"
    assert "Misuse" in text_of(browser(house.owner).get(f"/grants/{grant.public_id}/"))


def test_a_tenant_says_what_idle_gpus_are_for_and_the_approver_agrees(house):
    finding = make_finding(granted(house), gpus=16)
    day = (timezone.localdate() + timedelta(days=9)).isoformat()
    address = f"/idle/{finding.public_id}"
    answer = browser(house.owner).post(f"{address}/justify/", {"reason": "Data in May", "needed_until": day})
    assert answer.status_code == 302
    assert "Data in May" in text_of(browser(house.approver).get(f"{address}/"))
    assert browser(house.approver).post(f"{address}/accept/", {"reason": ""}).status_code == 302
    assert IdleFinding.objects.get().state == "dismissed"


def test_what_was_given_back_is_counted_on_its_page_and_in_its_file(house):
    grant = granted(house, days=60)
    finding = make_finding(grant, gpus=16)
    browser(house.owner).post(f"/idle/{finding.public_id}/release/", {"gpus": "10", "reason": ""})
    hours = 10 * (grant.ends_at - timezone.now()).total_seconds() / 3600
    page = browser(house.approver)
    file = page.get("/idle/savings/?format=csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(file)))
    assert sum(float(row["gpu_hours_free"]) + float(row["gpu_hours_to_come"]) for row in rows) == pytest.approx(
        hours, abs=2
    )
    assert house.authority.name in text_of(page.get("/idle/savings/"))


def test_the_endpoints_say_the_same(house):
    grant = granted(house)
    measure(grant, busy=8, allocated=12, hours=48)
    api = browser(house.owner)
    use = api.get(f"/api/v1/grants/{grant.public_id}/use/").json()
    assert (use["suggested"], use["life"]["busy_ratio"], use["life"]["usual_allocated"]) == (8, 0.4, 12)
    assert api.get(f"/api/v1/grants/{grant.public_id}/budget/").status_code == 404
    finding = make_finding(grant, gpus=16)
    body = {"gpus": 16}
    answer = api.post(f"/api/v1/idle/{finding.public_id}/release/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["given_back"]) == (200, 16)
    assert (
        api.post(f"/api/v1/idle/{finding.public_id}/reclaim/", body, content_type="application/json").status_code == 403
    )
