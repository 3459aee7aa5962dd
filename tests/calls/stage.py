"""The people and things that every service can be called with; each call gets a stage of its own."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from resources.models import Cluster, Grant
from resources.services import credentials, decisions, grants, idle
from resources.services.wishes import Wish
from tenants.models import AuthorityMembership, PolicyRule
from tenants.services import case_links, check_decisions, question_sets, tenants, tokens, webhooks
from tests.calls.of_afterwards import Afterwards
from tests.factories.people import make_admin, make_factor, make_user
from tests.factories.resources import make_finding, make_operator, make_pool, make_request, make_share, period
from tests.factories.tenants import (
    make_authority,
    make_case,
    make_check,
    make_member,
    make_policy,
    make_project,
    make_staff,
)

SITE = {"name": "Fresh", "slug": "fresh", "country": "LU", "contact_email": "x@fresh.test"}


class Stage(Afterwards):
    """What a service needs; each call gets one of its own."""

    def __init__(self) -> None:
        self.admin = make_admin()
        self.authority = make_authority()
        self.officer, self.colleague = make_staff(self.authority), make_staff(self.authority)
        self.approver = make_staff(self.authority, "quota_approver")
        self.second = make_staff(self.authority, "quota_approver")
        self.project = make_project()
        self.tenant = self.project.tenant
        type(self.tenant).objects.filter(pk=self.tenant.pk).update(authority=self.authority)
        type(self.project).objects.filter(pk=self.project.pk).update(authority=self.authority)
        self.project = type(self.project).objects.select_related("tenant__authority").get(pk=self.project.pk)
        self.tenant = self.project.tenant
        self.owner = make_member(self.tenant, "owner")
        self.pool = make_pool(100)
        self.share = make_share(self.pool, self.authority)
        self.cluster = self.pool.cluster
        self.stranger = make_user()
        self.operator = make_operator(self.cluster.provider, make_user())

    def case(self, state="in_review", **facts):
        return make_case(state, authority=self.authority, **facts)

    def stock_text(self):
        return self.authority.stock_texts.create(use="ground", texts={"en": "x"}, set_by=self.officer)

    def condition(self):
        facts = self.decided()
        return facts["case"].conditions.create(
            authority=self.authority, decision=facts["decision"], number=1, text="x", responsible="x", state="open", due_at=self.later(),
        )  # fmt: skip

    def decided(self):
        case = self.case()
        return {"case": case, "decision": case.decisions.create(authority=self.authority, step=1, decider=self.officer, outcome="approve")}  # fmt: skip

    def sent(self):
        return make_request(self.project, self.pool, self.owner, 10)

    def half(self):
        make_policy(self.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
        return decisions.approve_request(acting_user=self.approver, request=self.sent(), reason="x")

    def asked(self):
        return decisions.ask_for_changes(acting_user=self.approver, request=self.sent(), reason="x")

    def granted(self):
        decisions.approve_request(acting_user=self.approver, request=self.sent())
        return Grant.objects.get()

    def idle(self, state="notified", **facts):
        return make_finding(self.granted(), **{"state": state, "notices": 2, **facts})

    def half_reclaimed(self):
        make_policy(self.authority, PolicyRule.Key.IDLE_SECOND_GPUS, 5)
        finding = self.idle("escalated")
        return idle.reclaim_idle(acting_user=self.approver, finding=finding, gpus=8, reason="x")

    def frozen(self):
        self.granted()
        grants.freeze_grants(acting_user=self.officer, tenant=self.tenant)
        return self.tenant

    def role(self, user):
        return AuthorityMembership.objects.get(user=user, authority=self.authority)

    def suspended(self):
        return tenants.suspend_tenant(acting_user=self.officer, tenant=self.tenant, reason="x")

    def reachable(self):
        Cluster.objects.filter(pk=self.cluster.pk).update(
            collector="prometheus", collector_settings={"mode": "exporters", "urls": ["https://one.example/metrics"]}
        )
        return Cluster.objects.get(pk=self.cluster.pk)

    def sealed(self):
        cluster = self.reachable()
        credentials.set_credential(acting_user=self.operator, cluster=cluster, purpose="source_token", secret="x" * 20)
        return cluster

    def claim(self):
        return {"provider": "work", "claim": "groups", "value": "a", "anchor": self.authority, "role": "auditor"}

    def tenant_claim(self):
        return {"provider": "work", "claim": "groups", "value": "a", "tenant": self.tenant, "role": "member"}

    def wishes(self):
        return [Wish(self.pool, 3, *period(0, 30))]

    def token(self):
        return tokens.create_token(
            acting_user=self.owner, name="x", place=self.tenant, scopes=[], expires_at=self.later()
        )[0]

    def hook(self):
        return webhooks.create_webhook(acting_user=self.owner, place=self.tenant, name="x", url="https://x.example/")[0]

    def given_up(self):
        delivery = webhooks.try_webhook(acting_user=self.owner, webhook=self.hook())
        type(delivery).objects.filter(pk=delivery.pk).update(state="given_up")
        delivery.refresh_from_db()
        return delivery

    def questions(self):
        return question_sets.begin_set(acting_user=self.officer, authority=self.authority)

    def check(self, **facts):
        return make_check(self.case(), "open", key="mandate", **facts)

    def proposed(self):
        return check_decisions.propose_check(acting_user=self.officer, check=self.check(), reason="x")

    def written_by_two(self):
        case = self.case("draft", applicant=self.stranger)
        case.members.create(user=self.owner)
        return case

    def invitation(self):
        self.asked = self.case("draft", applicant=self.stranger)
        facts = {"case": self.asked, "email": self.owner.email, "site": SITE}
        return case_links.invite_writer(acting_user=self.stranger, **facts)

    def locked_out(self):
        make_factor(self.colleague)
        return self.colleague.email

    def later(self):
        return timezone.now() + timedelta(days=5)
