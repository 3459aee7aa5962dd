from datetime import timedelta

import pytest
from django.utils import timezone

from portal.core.access import live_now, powers
from portal.core.bounds import Bound, bind
from portal.core.written import Written
from portal.models import User
from resources.queries.badges import BESIDE, WAITING
from tenants.models import AuthorityMembership, Membership
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import make_authority, make_case, make_member, make_project, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def test_a_question_is_built_once_and_answers_each_person_for_themselves(django_assert_num_queries):
    asked = []

    def build(person, now):
        asked.append(person.pk)
        return Membership.objects.filter(live_now(now), user_id=person.pk).values("tenant")

    question = Written(build)
    tenants = [make_tenant() for _ in range(2)]
    people = [make_member(tenant, "member") for tenant in tenants]
    with django_assert_num_queries(2):
        assert [question.rows(person) for person in people] == [[(tenant.pk,)] for tenant in tenants]
    assert asked == [-1_414_213_562]
    now = timezone.now()
    ended = {"valid_from": now - timedelta(days=2), "valid_until": now - timedelta(seconds=1)}
    Membership.objects.filter(user=people[0]).update(**ended)
    assert question.rows(people[0]) == []


def test_administrators_are_asked_a_question_of_their_own():
    question = Written(
        lambda person, _now: User.objects.filter(pk=person.pk if person.is_platform_admin else 0).values("pk")
    )
    admin = make_admin()
    assert (question.rows(make_user()), question.rows(admin)) == ([], [(admin.pk,)])


def test_a_token_is_asked_about_anew_and_within_its_bounds():
    authority, person = make_authority(), make_user()
    make_staff(authority, "quota_approver", person)
    tenant = make_tenant(authority=authority)
    make_member(tenant, "owner", person)
    token = User.objects.get(pk=person.pk)
    bind(token, Bound("tenants.Tenant", tenant.pk, "tenant"))
    assert powers(token) == powers(make_member(tenant, "owner"))
    assert powers(User.objects.get(pk=person.pk)) > powers(token)


def test_a_moment_of_its_own_may_not_be_kept():
    question = Written(
        lambda person, _now: AuthorityMembership.objects.filter(live_now(), user_id=person.pk).values("pk")
    )
    with pytest.raises(LookupError, match="moment of its own"):
        question.rows(make_user())


def test_what_can_never_be_answered_asks_nothing(django_assert_num_queries):
    person = make_user()
    with django_assert_num_queries(0):
        assert Written(lambda _person, _now: User.objects.none().values("pk")).rows(person) == []


def test_the_badge_counts_what_visible_to_and_reach_say_up_to_more_than_it_shows(monkeypatch):
    authority = make_authority()
    pool = make_pool(100)
    make_share(pool, authority, 100)
    approver, elsewhere = make_staff(authority, "quota_approver"), make_staff(make_authority(), "quota_approver")
    for _each in range(3):
        make_request(make_project(), pool, make_user())  # another authority's tenants, paid from this one's share
    assert (len(WAITING.rows(approver)), len(WAITING.rows(elsewhere))) == (3, 0)
    assert (BESIDE.rows(approver), BESIDE.rows(make_user())) == ([], [])
    now = timezone.now()
    AuthorityMembership.objects.filter(user=approver).update(valid_from=now - timedelta(days=2), valid_until=now)
    assert WAITING.rows(approver) == []


def test_the_menu_says_99_plus_beyond_what_is_counted(client, monkeypatch):
    monkeypatch.setattr("portal.ui.nav.MOST_COUNTED", 1)
    officer = make_staff(make_authority(), "onboarding_officer")
    authority = AuthorityMembership.objects.get(user=officer).authority
    client.force_login(officer)
    for badge in ("1<", "1+<"):
        make_case(authority=authority, state="submitted", submitted_at=timezone.now())
        assert f'<span class="count">{badge}' in client.get("/applications/").content.decode()
