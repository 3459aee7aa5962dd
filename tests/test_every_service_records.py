"""Every service is called once, and leaves an event of whoever acted. A service that is not here fails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from portal.core.registry import act_words
from portal.models import AuditEvent
from portal.settings.env import Provider
from resources.models import Cluster, GPUKind, Grant, Quota
from resources.services import changes, credentials, decisions, grants, idle, inventory, providers, requests
from resources.services.wishes import Wish
from tenants.models import AuthorityMembership, PolicyRule
from tenants.services import (
    admission,
    answers,
    appeals,
    authorities,
    case_letters,
    case_links,
    check_catalogues,
    check_decisions,
    claims,
    conditions,
    delegations,
    factors,
    letters,
    memberships,
    onboarding,
    people,
    projects,
    question_sets,
    review,
    stock,
    tenant_claims,
    tenants,
    tokens,
    webhooks,
    writers,
)
from tests import calls_of_the_desk
from tests.afterwards import CALLS_AFTERWARDS, Afterwards
from tests.architecture.rules.traces import acting_services, acts
from tests.calls_of_maintenance import CALLS_OF_MAINTENANCE
from tests.calls_of_tenants import CALLS_OF_TENANTS
from tests.factories.people import make_admin, make_factor, make_user
from tests.factories.resources import (
    make_draft,
    make_finding,
    make_kind,
    make_operator,
    make_pool,
    make_request,
    make_share,
    period,
)
from tests.factories.tenants import (
    case_facts,
    make_authority,
    make_case,
    make_check,
    make_member,
    make_policy,
    make_project,
    make_staff,
)

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[1]
AUTHORITY = {"name": "New", "country": "LU", "region": "", "contact_email": "x@new.test", "time_zone": "Europe/Brussels"}  # fmt: skip
PROJECT_FACTS = {"stage": "training", "data_class": "internal", "purpose": "p", "ends_on": None}


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


KIND = {"slug": "fresh-kind", "name": "Fresh", "vendor": "NVIDIA", "memory_gib": 80}
SITE = {"name": "Fresh", "slug": "fresh", "country": "LU", "contact_email": "x@fresh.test"}
LETTER = {"language": "en", "subject": "{organisation}", "body": "{reference}", "note": "x"}
CLUSTER = {
    "name": "Fresh", "slug": "fresh", "city": "Bissen", "country": "LU", "data_classes": ["public"], "driver": "counted",
}  # fmt: skip

# service → what it is called with on a stage; who acts stands under "by"
CALLS = {
    changes.create: lambda s: {"by": s.admin, "args": ("kind.created", GPUKind(**KIND))},
    changes.change: lambda s: {"by": s.admin, "args": ("kind.changed", s.pool.kind, {"name": "Other"})},
    credentials.set_credential: lambda s: {"by": s.operator, "cluster": s.reachable(), "purpose": "source_token", "secret": "x" * 20},
    credentials.remove_credential: lambda s: {"by": s.operator, "cluster": s.sealed(), "purpose": "source_token"},
    factors.reset_factors: lambda s: {"by": s.admin, "email": s.locked_out(), "reason": "Seen at the desk"},
    decisions.take_into_review: lambda s: {"by": s.approver, "request": s.sent()},
    decisions.approve_request: lambda s: {"by": s.approver, "request": s.sent()},
    decisions.confirm_request: lambda s: {"by": s.second, "request": s.half()},
    decisions.send_back_request: lambda s: {"by": s.second, "request": s.half(), "reason": "x"},
    **calls_of_the_desk.CALLS,
    decisions.reject_request: lambda s: {"by": s.approver, "request": s.sent(), "reason": "x"},
    decisions.ask_for_changes: lambda s: {"by": s.approver, "request": s.sent(), "reason": "x"},
    grants.lower_grant: lambda s: {"by": s.approver, "grant": s.granted(), "gpus": 4, "reason": "x"},
    idle.justify_idle: lambda s: {"by": s.owner, "finding": s.idle(), "reason": "x", "needed_until": s.later()},
    idle.release_idle: lambda s: {"by": s.owner, "finding": s.idle(), "gpus": 4},
    idle.accept_idle: lambda s: {"by": s.approver, "finding": s.idle("justified", needed_until=s.later())},
    idle.escalate_idle: lambda s: {"by": s.approver, "finding": s.idle("justified"), "reason": "x"},
    idle.dismiss_idle: lambda s: {"by": s.approver, "finding": s.idle(), "reason": "x"},
    idle.reclaim_idle: lambda s: {"by": s.approver, "finding": s.idle("escalated"), "gpus": 4, "reason": "x"},
    idle.confirm_reclaim: lambda s: {"by": s.second, "finding": s.half_reclaimed()},
    idle.send_back_reclaim: lambda s: {"by": s.second, "finding": s.half_reclaimed(), "reason": "x"},
    grants.revoke_grant: lambda s: {"by": s.approver, "grant": s.granted(), "reason": "x"},
    grants.freeze_grants: lambda s: {"by": s.officer, "tenant": s.granted().tenant},
    grants.thaw_grants: lambda s: {"by": s.officer, "tenant": s.frozen()},
    inventory.create_cluster: lambda s: {"by": s.operator, "provider": s.cluster.provider, **CLUSTER},
    inventory.change_cluster: lambda s: {"by": s.operator, "cluster": s.cluster, "city": "Elsewhere"},
    inventory.set_cluster_state: lambda s: {"by": s.operator, "cluster": s.cluster, "to": "maintenance"},
    **CALLS_OF_MAINTENANCE,
    inventory.create_kind: lambda s: {"by": s.admin, **KIND},
    inventory.change_kind: lambda s: {"by": s.admin, "kind": s.pool.kind, "name": "Other"},
    inventory.create_pool: lambda s: {
        "by": s.operator, "cluster": s.cluster, "kind": make_kind(), "installed": 8, "healthy": 8,
    },
    inventory.change_pool: lambda s: {"by": s.operator, "pool": s.pool, "healthy": 99},
    inventory.create_share: lambda s: {"by": s.admin, "pool": make_pool(8), "authority": s.authority, "gpus": 4},
    inventory.change_share: lambda s: {"by": s.admin, "share": s.share, "gpus": 50},
    providers.create_provider: lambda s: {"by": s.admin, **SITE},
    providers.change_provider: lambda s: {"by": s.admin, "provider": s.cluster.provider, "name": "Other"},
    requests.draft_request: lambda s: {"by": s.owner, "project": s.project, "purpose": "p", "wishes": s.wishes()},
    **CALLS_OF_TENANTS,
    requests.send_request: lambda s: {"by": s.owner, "project": s.project, "purpose": "p", "wishes": s.wishes()},
    requests.change_draft: lambda s: {
        "by": s.owner, "request": make_draft(s.project, s.pool, s.owner), "project": s.project, "purpose": "q",
        "wishes": s.wishes(),
    },
    requests.submit_request: lambda s: {"by": s.owner, "request": make_draft(s.project, s.pool, s.owner)},
    requests.withdraw_request: lambda s: {"by": s.owner, "request": s.sent()},
    requests.answer_request: lambda s: {"by": s.owner, "request": s.asked(), "text": "x"},
    admission.take_case: lambda s: {"by": s.officer, "case": s.case("submitted")},
    review.assign_case: lambda s: {"by": s.officer, "case": s.case(), "officer": s.colleague.public_id},
    review.note_case: lambda s: {"by": s.officer, "case": s.case(), "text": "x"},
    admission.ask_applicant: lambda s: {"by": s.officer, "case": s.case(), "reason": "x"},
    admission.approve_case: lambda s: {"by": s.officer, "case": s.case()},
    admission.reject_case: lambda s: {"by": s.officer, "case": s.case(), "reason": "x"},
    admission.send_back_case: lambda s: {"by": s.colleague, "case": s.case("awaiting_second"), "reason": "x"},
    appeals.appeal_case: lambda s: {"by": s.stranger, "case": s.case("rejected", decided_at=s.later()), "text": "x"},
    conditions.meet_condition: lambda s: {"by": s.officer, "condition": s.condition(), "evidence": "x"},
    stock.add_stock_text: lambda s: {"by": s.officer, "authority": s.authority, "use": "ground", "texts": {"en": "x"}},
    stock.copy_stock: lambda s: {"by": s.officer, "authority": s.authority, "use": "ground"},
    stock.change_stock_text: lambda s: {"by": s.officer, "row": s.stock_text(), "texts": {"en": "y"}},
    stock.retire_stock_text: lambda s: {"by": s.officer, "row": s.stock_text()},
    letters.set_template: lambda s: {"by": s.officer, "authority": s.authority, "kind": "case.approved", **LETTER},
    case_letters.write_case_letter: lambda s: {"by": s.officer, "kind": "case.approved", "facts": {}, **s.decided()},
    authorities.register_authority: lambda s: {"by": s.admin, "facts": AUTHORITY},
    authorities.revise_authority: lambda s: {"by": s.admin, "authority": s.authority, "facts": AUTHORITY},
    authorities.set_policy: lambda s: {
        "by": s.admin, "authority": s.authority, "key": "decision.days", "value": 7, "reason": "x",
    },
    check_catalogues.set_catalogue: lambda s: {
        "by": s.admin, "authority": s.authority, "content": {"checks": []}, "reason": "x",
    },
    check_catalogues.change_rule: lambda s: {
        "by": s.admin, "authority": s.authority, "rule": {"key": "dpia"}, "drop": True, "reason": "x",
    },
    check_decisions.settle_check: lambda s: {"by": s.officer, "check": s.check(), "outcome": "passed", "evidence": "x"},
    check_decisions.propose_check: lambda s: {"by": s.officer, "check": s.check(), "reason": "x"},
    check_decisions.confirm_check: lambda s: {"by": s.colleague, "check": s.proposed(), "reason": "x"},
    check_decisions.decline_check: lambda s: {"by": s.colleague, "check": s.proposed(), "reason": "x"},
    check_decisions.renew_check: lambda s: {"by": s.officer, "check": s.case().checks.get()},
    claims.map_claim: lambda s: {"by": s.admin, **s.claim()},
    claims.end_mapping: lambda s: {"by": s.admin, "mapping": claims.map_claim(acting_user=s.admin, **s.claim())},
    tenant_claims.map_tenant_claim: lambda s: {"by": s.owner, **s.tenant_claim()},
    tenant_claims.end_tenant_claim: lambda s: {
        "by": s.owner, "mapping": tenant_claims.map_tenant_claim(acting_user=s.owner, **s.tenant_claim()),
    },
    delegations.delegate_role: lambda s: {
        "by": s.officer, "membership": s.role(s.officer), "to": s.approver, "valid_until": s.later(), "reason": "x",
    },
    memberships.give_role: lambda s: {"by": s.owner, "anchor": s.tenant, "user": make_user(), "role": "member"},
    memberships.change_role: lambda s: {
        "by": s.admin, "membership": s.role(s.officer), "valid_from": None, "valid_until": s.later(),
    },
    memberships.end_role: lambda s: {"by": s.admin, "membership": s.role(s.officer)},
    answers.keep_answer: lambda s: {"by": s.stranger, "case": s.case("draft"), "key": "purpose", "value": "x"},
    answers.keep_answers: lambda s: {"by": s.stranger, "case": s.case("draft"), "answers": {"purpose": "x"}},
    answers.set_to_ask: lambda s: {"by": s.officer, "authority": s.authority},
    question_sets.begin_set: lambda s: {"by": s.officer, "authority": s.authority},
    question_sets.write_set: lambda s: {"by": s.officer, "row": s.questions(), "content": s.questions().content},
    question_sets.publish_set: lambda s: {"by": s.officer, "row": s.questions(), "note": "x"},
    question_sets.drop_set: lambda s: {"by": s.officer, "row": s.questions()},
    case_links.invite_writer: lambda s: {"by": s.stranger, "case": s.case("draft"), "email": s.owner.email, "site": SITE},
    case_links.take_back_invitation: lambda s: {
        "by": s.stranger, "invitation": str(s.invitation().public_id), "case": s.asked,
    },
    case_links.go_on: lambda s: {"by": s.owner, "link": s.invitation()},
    writers.remove_writer: lambda s: {"by": s.owner, "case": s.written_by_two(), "person": str(s.stranger.public_id)},
    onboarding.draft_case: lambda s: {"by": make_user(), "authority": s.authority, "facts": case_facts()},
    onboarding.revise_case: lambda s: {
        "by": s.stranger, "case": s.case("draft"), "authority": s.authority, "facts": case_facts(),
    },
    onboarding.submit_case: lambda s: {"by": s.stranger, "case": s.case("draft")},
    onboarding.answer_case: lambda s: {"by": s.stranger, "case": s.case("info_requested"), "text": "x"},
    onboarding.withdraw_case: lambda s: {"by": s.stranger, "case": s.case("submitted")},
    people.create_person: lambda s: {"by": s.admin, "email": "fresh@x.test", "full_name": "Fresh"},
    people.add_staff: lambda s: {
        "by": s.admin, "authority": s.authority, "email": "new@x.test", "role": "auditor", "full_name": "New",
        "site": "https://portal.test/",
    },
    people.add_member: lambda s: {
        "by": s.owner, "tenant": s.tenant, "email": "new@x.test", "role": "member", "full_name": "New",
        "site": "https://portal.test/",
    },
    projects.create_project: lambda s: {"by": s.owner, "tenant": s.tenant, "name": "Fresh", **PROJECT_FACTS},
    projects.revise_project: lambda s: {"by": s.owner, "project": s.project, "name": "Other", **PROJECT_FACTS},
    tenants.admit: lambda s: {"by": s.officer, "case": s.case(), "owner": s.stranger},
    tenants.suspend_tenant: lambda s: {"by": s.officer, "tenant": s.tenant, "reason": "x"},
    tenants.reactivate_tenant: lambda s: {"by": s.officer, "tenant": s.suspended(), "reason": "x"},
    **CALLS_AFTERWARDS,
    tokens.create_token: lambda s: {"by": s.owner, "name": "x", "place": s.tenant, "scopes": [], "expires_at": s.later()},
    webhooks.create_webhook: lambda s: {"by": s.owner, "place": s.tenant, "name": "x", "url": "https://x.example/"},
    webhooks.change_webhook: lambda s: {"by": s.owner, "webhook": s.hook(), "name": "y", "url": "https://y.example/"},
    webhooks.renew_secret: lambda s: {"by": s.owner, "webhook": s.hook()},
    webhooks.pause_webhook: lambda s: {"by": s.owner, "webhook": s.hook()},
    webhooks.resume_webhook: lambda s: {
        "by": s.owner, "webhook": webhooks.pause_webhook(acting_user=s.owner, webhook=s.hook())
    },
    webhooks.remove_webhook: lambda s: {"by": s.owner, "webhook": s.hook()},
    webhooks.try_webhook: lambda s: {"by": s.owner, "webhook": s.hook()},
    webhooks.deliver_again: lambda s: {"by": s.owner, "delivery": s.given_up()},
    tokens.revoke_token: lambda s: {"by": s.owner, "token": s.token()},
}  # fmt: skip
CALLED_ELSEWHERE = {
    "tenants.imports.upload_import": "writes a file; tests of imports",
    "tenants.imports.try_import": "of an uploaded file; tests of imports",
    "tenants.imports.run_import": "of an uploaded file; tests of imports",
    "resources.request_documents.attach_document": "writes a file; tests of documents of requests",
    "resources.request_documents.remove_document": "takes one away; tests of documents of requests",
    "tenants.documents.attach_document": "writes a file; tests of documents",
    "tenants.documents.remove_document": "takes one away; tests of documents",
    "resources.credentials.rotate_credentials": "acts for the portal by a command; tests of credentials",
}


def name_of(service):
    return f"{service.__module__}.{service.__qualname__}".replace(".services", "")


def test_every_service_is_called_here():
    assert {name_of(service) for service in CALLS} | set(CALLED_ELSEWHERE) == acting_services(PROJECT)


@pytest.mark.parametrize("service", CALLS, ids=name_of)
def test_a_service_leaves_an_event_of_whoever_acted(service, settings):
    stage = Stage()
    settings.OIDC_PROVIDERS = [Provider("work", "Work", "https://id.test", "x", "x", (), "", (stage.tenant.slug,))]
    facts = CALLS[service](stage)
    person, args = facts.pop("by"), facts.pop("args", ())
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    service(*args, acting_user=person, **facts)
    written = AuditEvent.objects.exclude(pk__in=before)
    assert person.pk in set(written.values_list("actor", flat=True))
    assert [event.act for event in written if event.act not in act_words] == []


def test_every_act_has_words():
    states = {
        f"{prefix}.{state}"
        for prefix, model in (("cluster", Cluster), ("grant", Grant), ("quota", Quota))
        for state in model.State.values
    }
    known = {name for name, _words in act_words.items()}
    assert (acts(PROJECT) | states) - known == set()
