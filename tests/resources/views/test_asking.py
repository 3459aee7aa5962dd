"""Writing a request: lines added and taken away, any cleared cluster, GPU-hours, access modes, what stands beside it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from resources.models import AccessMode, QuotaRequest, SampleHour, Series
from resources.services.decisions import approve_request, ask_for_changes
from tests.factories.resources import (
    make_cluster,
    make_draft,
    make_kind,
    make_pool,
    make_request,
    make_share,
    mode_data,
)
from tests.factories.tenants import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, house):
    client.force_login(house.owner)
    return client


def day(number):
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def typed(house, **facts: Any):
    return {
        "project": house.project.pk, "lines": "2", "purpose": "Train",
        "pool": house.pool.pk, "unit": "gpus", "amount": "12", "at_once": "", "since": day(1), "until": day(30),
        "pool_2": f"any-{house.pool.kind_id}", "unit_2": "gpu_hours", "amount_2": "1 000", "at_once_2": "4",
        "since_2": day(1), "until_2": day(60), **mode_data(), **facts,
    }  # fmt: skip


def test_two_lines_are_sent_one_of_them_anywhere_and_of_hours(page, house):
    page.post(reverse("request-new"), typed(house))
    request = QuotaRequest.objects.get()
    first, second = request.current_lines
    assert (request.state, request.mode.slug, request.mode_answers["plan"]) == ("submitted", "large-scale", "As always")
    assert (first.pool_id, first.amount, first.budget_hours) == (house.pool.pk, 12, None)
    assert (second.pool_id, second.kind_id, second.amount, second.budget_hours, second.capped) == (
        None, house.pool.kind_id, 4, 1000, True,
    )  # fmt: skip
    assert request.due_at - request.submitted_at == timedelta(days=10)
    shown = page.get(reverse("request", args=[request.public_id])).content.decode()
    assert "1,000 GPU hours" in shown
    assert "Any cluster that is cleared" in shown


def test_a_cluster_that_is_not_offered_is_refused_with_the_reasons_when_it_is_forced(page, house):
    foreign = make_pool(cluster=make_cluster(data_classes=["restricted"]), kind=house.pool.kind)
    answer = page.post(reverse("request-new"), typed(house, pool=foreign.pk))
    assert answer.status_code == 422
    assert "not cleared for its data, lies outside its countries, or takes nothing new" in answer.content.decode()
    assert not QuotaRequest.objects.exists()


@pytest.mark.parametrize("javascript", [{}, {"HX-Request": "true"}])
def test_a_line_more_keeps_all_that_was_typed_and_complains_about_nothing(page, house, javascript):
    answer = page.post(reverse("request-new"), typed(house, add="1", amount="twelve"), headers=javascript)
    form = answer.context["form"]
    assert (answer.status_code, form.errors, form.count) == (200, {}, 3)
    shown = {name: form[name].value() for name in ("amount", "amount_2", "pool_2", "purpose", "mode_plan", "since_3")}
    assert shown == {
        "amount": "twelve", "amount_2": "1 000", "pool_2": f"any-{house.pool.kind_id}", "purpose": "Train",
        "mode_plan": "As always", "since_3": day(1),
    }  # fmt: skip
    assert 'name="amount_3"' in answer.content.decode()
    assert not QuotaRequest.objects.exists()


@pytest.mark.parametrize(("gone", "left"), [("1", "1 000"), ("2", "12"), ("9", "12"), ("x", "12")])
def test_a_line_less_keeps_the_others(page, house, gone, left):
    form = page.post(reverse("request-new"), typed(house, remove=gone)).context["form"]
    assert form["amount"].value() == left
    assert form.count == (2 if gone in {"9", "x"} else 1)


def test_the_last_line_cannot_be_taken_away_and_more_than_twenty_cannot_be_added(page, house):
    assert page.post(reverse("request-new"), typed(house, lines="1", remove="1")).context["form"].count == 1
    assert page.post(reverse("request-new"), typed(house, lines="20", add="1")).context["form"].count == 20


@pytest.mark.parametrize("lines", ["", "0", "-3", "x", "1e9", "٣", "99999999999999999999"])
def test_a_forged_number_of_lines_is_no_fault(page, house, lines):
    assert page.post(reverse("request-new"), typed(house, lines=lines)).status_code in {302, 422}


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("1.5", "slice of a GPU (MIG) is a kind of its own"), ("0.5", "slice of a GPU (MIG)"), ("-3", "Ask for one at least"),
        ("0", "Ask for one at least"), ("NaN", "as a number"), ("Infinity", "as a number"), ("1000000000000", "Ask for"),
        ("many", "as a number"), ("1e500", "Ask for"), ("True", "as a number"),
    ],
)  # fmt: skip
def test_what_is_no_number_of_gpus_is_refused_with_a_sentence(page, house, amount, sentence):
    answer = page.post(reverse("request-new"), typed(house, lines="1", amount=amount))
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors["amount"])


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"since_2": day(9), "until_2": day(3)}, "until_2", "before the first"),
        ({"amount_2": "9999999"}, "amount_2", "GPU hours over this period"),
        ({"amount_2": "90000", "at_once_2": "1"}, "at_once_2", "1 GPUs at once use"),
        ({"pool_2": "any-999999"}, "pool_2", ""),
        ({"mode_plan": ""}, "mode_plan", "has no answer yet"),
        ({"mode": ""}, "mode", ""),
        ({"since": "2028-02-30"}, "since", ""),
    ],
)
def test_each_mistake_stands_at_its_line(page, house, facts, field, sentence):
    answer = page.post(reverse("request-new"), typed(house, **facts))
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert not QuotaRequest.objects.exists()


def test_more_than_the_access_mode_gives_is_refused_and_nothing_is_left_behind(page, house):
    answer = page.post(reverse("request-new"), typed(house, amount="14", **mode_data("playground")))
    assert answer.status_code == 422
    assert "gives up to 16 GPUs at once; these lines ask for 18" in str(answer.context["form"].errors["mode"])
    assert not QuotaRequest.objects.exists()


def test_a_draft_may_leave_questions_open_and_is_asked_when_it_is_sent(page, house):
    page.post(reverse("request-new"), typed(house, mode_plan="", draft="1"))
    request = QuotaRequest.objects.get()
    assert (request.state, "plan" in request.mode_answers) == ("draft", False)
    refused = page.post(reverse("request-submit", args=[request.public_id]))
    assert refused.status_code == 422
    page.post(reverse("request-edit", args=[request.public_id]), typed(house))
    request.refresh_from_db()
    assert (request.state, request.lines.count()) == ("submitted", 2)


def test_a_copy_begins_as_the_other_is_and_leaves_it_alone(page, house):
    page.post(reverse("request-new"), typed(house))
    old = QuotaRequest.objects.get()
    form = page.get(reverse("request-copy", args=[old.public_id])).context["form"]
    assert (form.count, form["amount_2"].value(), form["mode_plan"].value()) == (2, 1000, "As always")
    page.post(reverse("request-copy", args=[old.public_id]), typed(house, amount="3", draft="1"))
    assert list(QuotaRequest.objects.order_by("pk").values_list("state", flat=True)) == ["submitted", "draft"]
    assert old.current_lines.first().amount == 12


def test_an_answer_with_other_lines_is_a_new_revision_that_stands_beside_the_old(page, house):
    page.post(reverse("request-new"), typed(house))
    request = QuotaRequest.objects.get()
    ask_for_changes(acting_user=house.approver, request=request, reason="Fewer?")
    form = page.get(reverse("request-answer", args=[request.public_id])).context["form"]
    assert (form.count, form["amount"].value()) == (2, 12)
    changed = typed(house, lines="1", amount="5", mode_plan="A shorter one", purpose="Less", text="Five will do")
    page.post(reverse("request-answer", args=[request.public_id]), changed)
    request.refresh_from_db()
    assert (request.state, request.revision, [line.amount for line in request.current_lines]) == ("in_review", 2, [5])
    assert [each.purpose for each in request.submissions.order_by("revision")] == ["Train", "Less"]


def test_the_part_beside_says_what_is_free_when_it_fits_where_else_and_what_one_has(page, house):
    other = make_pool(cluster=make_cluster(name="Roomy"), kind=house.pool.kind)
    make_share(other, house.authority)
    held = make_request(house.project, house.pool, house.owner, amount=60, days=40)
    approve_request(acting_user=house.approver, request=held)
    series = Series.objects.create(
        tenant=house.tenant, authority=house.authority, cluster=house.cluster, kind=house.pool.kind
    )
    SampleHour.objects.create(
        series=series, hour=timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5),
        tenant=house.tenant, authority=house.authority, readings=1, allocated_s=3600 * 60, busy_s=3600 * 24, load_s=0,
        memory_mib=0, power_w=0, temperature_max=0,
    )  # fmt: skip
    text = page.get(reverse("request-offer"), typed(house, lines="1", amount="70")).content.decode()
    assert "40 of 100" in text
    assert "up to 60" in text
    assert "24 of 60 GPU hours held were busy (40 %)" in text
    assert "All 70 fit for as long from" in text
    assert "On Roomy all of it fits" in text
    assert "Counted only" in text


def test_the_part_beside_says_what_stands_against_sending(page, house):
    text = page.get(reverse("request-offer"), typed(house, amount="14", **mode_data("playground"))).content.decode()
    assert "gives up to 16 GPUs at once" in text


@pytest.mark.parametrize("pools", [1, 3])
def test_the_part_beside_asks_the_same_for_one_pool_and_three(page, house, pools, django_assert_num_queries):
    for _each in range(pools - 1):
        make_share(make_pool(cluster=make_cluster(), kind=house.pool.kind), house.authority)
    query = typed(house, lines="1", pool=f"any-{house.pool.kind_id}")
    page.get(reverse("request-offer"), query)
    with django_assert_num_queries(14):
        page.get(reverse("request-offer"), query)


def test_a_slice_of_a_gpu_is_asked_for_as_a_kind_of_its_own(page, house):
    slices = make_pool(700, cluster=house.cluster, kind=make_kind(name="H100 MIG 1g.10gb"))
    make_share(slices, house.authority)
    page.post(reverse("request-new"), typed(house, lines="1", pool=slices.pk, amount="3"))
    assert str(QuotaRequest.objects.get().current_lines.get()) == f"3 H100 MIG 1g.10gb on {house.cluster}"


def test_a_mode_that_is_another_authoritys_or_not_published_cannot_be_forced(page, house):
    for authority, published in ((make_authority(), timezone.now()), (house.authority, None)):
        mode = AccessMode.objects.create(
            authority=authority, slug="secret", version=1, name={"en": "Secret"}, service_days=1, published_at=published
        )
        answer = page.post(reverse("request-new"), typed(house, mode=str(mode.public_id)))
        assert answer.status_code == 422
    assert not QuotaRequest.objects.exists()


def test_summer_time_leap_days_and_ends_of_months_are_whole_days_of_the_reader(page, house):
    house.owner.time_zone = "Europe/Brussels"
    house.owner.save()
    cases = {
        ("2027-03-28", "2027-03-28"): 23,  # the clocks go forward
        ("2027-10-31", "2027-10-31"): 25,
        ("2028-02-29", "2028-02-29"): 24,
        ("2028-02-28", "2028-03-01"): 72,
    }
    for (since, until), hours in cases.items():
        page.post(reverse("request-new"), typed(house, lines="1", since=since, until=until))
        line = QuotaRequest.objects.latest("pk").current_lines.get()
        assert line.ends_at - line.starts_at == timedelta(hours=hours)


def test_a_draft_is_asked_by_the_version_with_which_it_was_begun(page, house):
    old = AccessMode.objects.get(slug="playground", authority=None)
    draft = make_draft(house.project, house.pool, house.owner, mode=old, mode_answers={"first_time": "yes"}, days=10)
    AccessMode.objects.create(
        authority=house.authority, slug="playground", version=1, name={"en": "Play"}, service_days=1, max_gpus=1,
        published_at=timezone.now(),
    )  # fmt: skip
    page.post(reverse("request-submit", args=[draft.public_id]))
    draft.refresh_from_db()
    assert (draft.state, draft.mode_id) == ("submitted", old.pk)
    shown = page.get(reverse("request-new")).content.decode()
    assert "Play" in shown
    assert "Spielwiese" not in shown


def test_a_draft_that_was_changed_in_another_window_is_not_written_over_unread(house, page):
    page.post(reverse("request-new"), {**typed(house), "draft": "1"})
    draft = QuotaRequest.objects.get()
    address = reverse("request-edit", args=[draft.public_id])
    one, two = (page.get(address).context["seen"] for _ in range(2))
    assert page.post(address, typed(house, purpose="The first", seen=one, draft="1")).status_code == 302
    late = page.post(address, typed(house, purpose="The second", seen=two, draft="1"))
    draft.refresh_from_db()
    assert (late.status_code, draft.purpose) == (409, "The first")
    assert "was changed meanwhile" in late.content.decode()
    assert "The second" in late.content.decode()
    again = page.post(address, typed(house, purpose="The second", seen=late.context["seen"], draft="1"))
    draft.refresh_from_db()
    assert (again.status_code, draft.purpose) == (302, "The second")
