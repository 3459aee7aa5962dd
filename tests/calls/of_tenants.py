"""What services of authorities, cases, tenants, people and their tools are called with on a stage."""

from __future__ import annotations

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
from tests.factories.people import make_user
from tests.factories.tenants import case_facts

SITE = {"name": "Fresh", "slug": "fresh", "country": "LU", "contact_email": "x@fresh.test"}
LETTER = {"language": "en", "subject": "{organisation}", "body": "{reference}", "note": "x"}
AUTHORITY = {"name": "New", "country": "LU", "region": "", "contact_email": "x@new.test", "time_zone": "Europe/Brussels"}  # fmt: skip
PROJECT_FACTS = {"stage": "training", "data_class": "internal", "purpose": "p", "ends_on": None}

CALLS = {
    factors.reset_factors: lambda s: {"by": s.admin, "email": s.locked_out(), "reason": "Seen at the desk"},
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
