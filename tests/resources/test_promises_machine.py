"""Any order of decisions, ends, breakdowns and bypasses: never above a pool or a share by any decision.

What is promised is counted again here, day by day, by a sum that shares no line with the product. The number of steps
is printed; `make soak` takes 5,000.
"""

import os
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.core.errors import PortalError
from resources.models import CapacityPool, Decision, DecisionLine, Grant, QuotaRequest, Share
from resources.services.decisions import approve_request, confirm_request, reject_request, take_back_request
from resources.services.grants import environment_of, freeze_grants, revoke_grant, thaw_grants
from resources.services.placing import Term
from resources.services.turning import turn_grants
from tests.factories.resources import make_draft, make_pool, make_request, make_share, period
from tests.factories.tenants import make_authority, make_staff
from tests.resources.conftest import make_house

STEPS = int(os.environ.get("SOAK_STEPS", "240"))
EACH = 40
DAYS = 40
AMOUNTS = st.one_of(st.integers(1, 30), st.sampled_from([50, 90, 100, 101, 10**6]))
TOTAL = count()


class Promises(RuleBasedStateMachine):
    """A pool of a hundred GPUs, two authorities that pay sixty each, a tenant that asks."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.house = house = make_house(gpus=100)
        Share.objects.filter(pk=house.share.pk).update(gpus=60)
        self.other = make_authority()
        self.shares = {house.authority.pk: house.share, self.other.pk: make_share(house.pool, self.other, 60)}
        self.approvers = [house.approver, house.second, *(make_staff(self.other, "quota_approver") for _each in "ab")]
        self.spare = make_pool(30, kind=house.pool.kind)
        self.spares = [make_share(self.spare, authority, 20) for authority in (house.authority, self.other)]
        self.since, _until = period()

    def decide(self, act, *args, **kwargs):
        """An act of a service, whole or not at all; the errors it may answer with are those of the portal."""
        next(TOTAL)
        try:
            with transaction.atomic():
                act(*args, **kwargs)
        except PortalError:
            return False
        return True

    def ask(self, make, *args):
        """A request, unless asking for that is refused."""
        house = self.house
        try:
            with transaction.atomic():
                return make(house.project, house.pool, house.owner, *args)
        except PortalError:
            return None

    @rule(
        who=st.integers(0, 3),
        amount=AMOUNTS,
        part=st.integers(0, 40),
        start=st.integers(0, 20),
        days=st.integers(1, 20),
    )
    def approve(self, who, amount, part, start, days):
        request = self.ask(make_request, amount, start, days)
        if request is None:
            return
        line = request.current_lines[0]
        given = {line.pk: part} if part else None
        done = self.decide(
            approve_request, acting_user=self.approvers[who], request=request, amounts=given, reason="As planned"
        )
        if done:
            self.check(line)

    @rule(who=st.integers(0, 3))
    def second_person(self, who):
        if request := QuotaRequest.objects.filter(state="awaiting_second").order_by("pk").first():
            first = Decision.objects.filter(request=request).latest("pk").decider
            agreed = self.decide(confirm_request, acting_user=self.approvers[who], request=request, reason="Agreed")
            assert not agreed or first != self.approvers[who]
            if agreed:
                self.check(request.current_lines[0])

    @rule(
        who=st.integers(0, 3),
        amount=st.integers(1, 60),
        part=st.integers(1, 60),
        elsewhere=st.booleans(),
        shorter=st.integers(0, 20),
    )
    def approve_a_part_and_leave_the_rest(self, who, amount, part, elsewhere, shorter):
        """Fewer, for less time, in another pool of the kind; what is left stays open to the other authority."""
        request = self.ask(make_request, amount, 0, 20)
        if request is None:
            return
        line = request.current_lines[0]
        pool = self.spare.pk if elsewhere else None
        term = Term(part, pool, ends_at=line.ends_at - timedelta(days=shorter), rest_open=True)
        self.decide(
            approve_request,
            acting_user=self.approvers[who],
            request=request,
            terms={line.pk: term},
            reason="As planned",
        )
        self.check(line)

    @rule(who=st.integers(0, 3), part=st.one_of(st.none(), st.integers(0, 60)))
    def another_authority_goes_on(self, who, part):
        if request := QuotaRequest.objects.filter(state="in_review").order_by("pk").first():
            line = request.current_lines[0]
            given = None if part is None else {line.pk: part}
            self.decide(
                approve_request, acting_user=self.approvers[who], request=request, amounts=given, reason="The rest"
            )
            self.check(line)

    @rule(who=st.integers(0, 3))
    def a_step_is_taken_back(self, who):
        waiting = QuotaRequest.objects.filter(state__in=("in_review", "awaiting_second")).order_by("pk").first()
        if waiting:
            self.decide(take_back_request, acting_user=self.approvers[who], request=waiting)

    @rule(act=st.sampled_from([approve_request, reject_request]))
    def the_requester_tries(self, act):
        request = self.ask(make_request, 1)
        assert request is None or not self.decide(act, acting_user=self.house.owner, request=request, reason="Mine")

    @rule(amount=st.integers(1, 120), start=st.integers(0, 20), days=st.integers(1, 20))
    def somebody_passes_the_services(self, amount, start, days):
        house = self.house
        next(TOTAL)
        draft = self.ask(make_draft, amount, start, days)
        if draft is None:
            return
        line = draft.lines.get()
        try:
            with transaction.atomic():
                Grant.objects.create(
                    tenant=house.tenant, authority=house.authority, pool=house.pool, share=house.share, line=line,
                    environment=environment_of(house.project, house.cluster),
                    amount=amount, starts_at=line.starts_at, ends_at=line.ends_at, state="scheduled",
                )  # fmt: skip
        except IntegrityError:
            return
        self.check(line)

    @rule(which=st.integers(0, 50))
    def revoke(self, which):
        grants = list(Grant.objects.counting().order_by("pk"))
        if grants:
            self.decide(revoke_grant, acting_user=self.house.approver, grant=grants[which % len(grants)], reason="Over")

    @rule(days=st.integers(0, DAYS))
    def the_calendar_turns(self, days):
        next(TOTAL)
        turn_grants(self.since + timedelta(days=days))

    @rule(healthy=st.integers(0, 100), reserved=st.integers(0, 20))
    def gpus_break_and_come_back(self, healthy, reserved):
        next(TOTAL)
        CapacityPool.objects.filter(pk=self.house.pool.pk).update(healthy=healthy, reserved=reserved)
        self.house.pool.refresh_from_db()

    @rule(gpus=st.integers(0, 100))
    def a_share_changes(self, gpus):
        next(TOTAL)
        Share.objects.filter(pk=self.house.share.pk).update(gpus=gpus)

    @rule(thaw=st.booleans())
    def the_tenant_is_suspended_and_back(self, thaw):
        next(TOTAL)
        (thaw_grants if thaw else freeze_grants)(acting_user=None, tenant=self.house.tenant)

    def held(self, day, **which):
        """GPUs that grants hold at noon of a day, counted one by one."""
        noon = self.since + timedelta(days=day, hours=12)
        return sum(
            grant.amount
            for grant in Grant.objects.filter(**which)
            if grant.state not in {"expired", "revoked", "superseded"} and grant.starts_at <= noon < grant.ends_at
        )

    def check(self, line):
        """After something was promised: the pool and each share that gained hold over every day of the line."""
        pools = CapacityPool.objects.filter(pk__in=Grant.objects.filter(line=line).values("pool"))
        payers = set(Grant.objects.filter(line=line).values_list("share", flat=True))
        for day in range(DAYS):
            noon = self.since + timedelta(days=day, hours=12)
            if not payers or not line.starts_at <= noon < line.ends_at:
                continue
            for pool in pools:
                if Grant.objects.filter(line=line, pool=pool, starts_at__lte=noon, ends_at__gt=noon).exists():
                    assert self.held(day, pool=pool) <= pool.healthy - pool.reserved
            for share in Share.objects.filter(pk__in=payers):
                if Grant.objects.filter(line=line, share=share, starts_at__lte=noon, ends_at__gt=noon).exists():
                    assert self.held(day, share=share) <= share.gpus

    @invariant()
    def nothing_was_granted_twice_or_beyond_what_was_asked(self):
        if not hasattr(self, "since"):
            return
        given: dict[int, int] = {}
        for grant in Grant.objects.counting().select_related("line", "pool"):
            assert grant.pool.kind_id == grant.line.kind_id
            assert grant.line.starts_at <= grant.starts_at < grant.ends_at <= grant.line.ends_at
            given[grant.line_id] = given.get(grant.line_id, 0) + grant.amount
            assert given[grant.line_id] <= grant.line.amount
        steps = DecisionLine.objects.filter(granted__gt=0, decision__answers=None)
        decided = Grant.objects.filter(line__in=steps.values("line"))
        assert Counter(decided.values_list("line", "share", "amount")) <= Counter(
            steps.values_list("line", "share", "granted")
        )


@pytest.mark.django_db
def test_promises_hold_in_any_order(capsys):
    examples = max(1, STEPS // EACH)
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=examples, stateful_step_count=EACH, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    with capsys.disabled():
        print(f"\npromises in any order: {next(TOTAL)} acts in {examples} runs of up to {EACH} steps")
    assert Grant.objects.count() == 0  # each run was taken back
