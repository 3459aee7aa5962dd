"""Every service is either one that asks for a fresh second factor or one of those listed here, with the reason."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import resources.services
import tenants.services
from portal.core import proof
from tenants.services.authorities import set_policy
from tests.factories.people import make_admin
from tests.factories.tenants import make_authority

DECIDES = {
    "resources.services.bulk": {"approve_requests"},
    "resources.services.condition_holds": {"shorten_for_condition", "suspend_for_condition"},
    "resources.services.conditions": {"confirm_met", "lift_condition", "send_back_condition"},
    "resources.services.credentials": {"set_credential", "remove_credential"},
    "resources.services.decisions": {
        "approve_request",
        "confirm_request",
        "send_back_request",
        "take_back_request",
        "reject_request",
    },
    "resources.services.grants": {"revoke_grant"},
    "resources.services.idle": {
        "accept_idle",
        "escalate_idle",
        "dismiss_idle",
        "reclaim_idle",
        "confirm_reclaim",
        "send_back_reclaim",
    },
    "resources.services.inventory": {"create_pool", "change_pool", "create_share", "change_share"},
    "resources.services.modes": {"publish_mode"},
    "resources.services.rules": {"activate_rule", "retire_rule"},
    "tenants.services.admission": {"approve_case", "reject_case", "send_back_case"},
    "tenants.services.authorities": {"set_policy"},
    "tenants.services.check_catalogues": {"set_catalogue", "change_rule"},
    "tenants.services.check_decisions": {"settle_check", "propose_check", "confirm_check", "decline_check"},
    "tenants.services.conditions": {"meet_condition"},
    "tenants.services.claims": {"map_claim", "end_mapping"},
    "tenants.services.delegations": {"delegate_role"},
    "tenants.services.equipment": {"set_defaults"},
    "tenants.services.factors": {"reset_factors"},
    "tenants.services.imports": {"run_import"},
    "tenants.services.invitations": {"resend_invitation"},
    "tenants.services.leaving": {"begin_leaving", "confirm_leaving"},
    "tenants.services.memberships": {"give_role"},
    "tenants.services.people": {"add_staff", "add_member"},
    "tenants.services.people_lists": {"add_members"},
    "tenants.services.recertification": {"close_recertification"},
    "tenants.services.tenant_claims": {"map_tenant_claim", "end_tenant_claim"},
    "tenants.services.tokens": {"create_token"},
    "tenants.services.webhooks": {"change_webhook", "create_webhook", "renew_secret"},
    "tenants.services.tenants": {"suspend_tenant", "reactivate_tenant"},
}
"""Onboarding, quotas, shares and policies, roles, suspending."""
DOES_NOT = {
    "takes a right away and gives none": {"revoke_token"},
    "stops, tries or goes on with what somebody decided": {
        "pause_webhook", "resume_webhook", "remove_webhook", "try_webhook", "deliver_again",
    },
    "ask": {"take_into_review", "ask_for_changes", "take_case", "ask_applicant"},
    "opens a question again": {"renew_check"},
    "says who looks after it, and what colleagues should know": {"assign_case", "note_case", "assign_request"},
    "one's own case or request": {
        "draft_case", "revise_case", "submit_case", "answer_case", "withdraw_case", "draft_request", "change_draft",
        "submit_request", "withdraw_request", "answer_request", "attach_document", "remove_document", "keep_answer",
        "keep_answers", "remove_writer", "invite_writer", "take_back_invitation", "go_on", "justify_idle", "release_idle",
        "appeal_request", "appeal_case",
        "send_request", "copy_request", "release_grant", "transfer_grant",
    },
    "a part of a decision, called by the one that asks": {
        "admit", "freeze_grants", "thaw_grants", "create_person", "write_case_letter", "lower_grant", "end_everything", "import_tenant", "invite",
        "erase_person", "account_for",
    },
    "makes nothing yet, or an archive whose file asks": {"upload_import", "try_import", "export_tenant"},
    "insists by itself where it takes capacity away": {
        "announce_maintenance", "change_maintenance", "end_maintenance", "cancel_maintenance",
    },
    "asks by the role that it ends": {"revoke_invitation"},
    "asks or answers, and decides nothing": {
        "ask_to_leave", "say_met", "drop_leaving", "answer_recertification", "send_back_recertification", "set_due",
    },
    "how letters and reasons are worded": {
        "set_template", "add_stock_text", "copy_stock", "change_stock_text", "retire_stock_text",
    },
    "asks by itself, unless it is about one's own role": {"end_role", "change_role"},
    "what is asked of those who apply": {"set_to_ask", "begin_set", "write_set", "publish_set", "drop_set", "begin_mode", "write_mode", "drop_mode"},
    "prepares what another approver has to put in force": {"begin_rule", "write_rule", "drop_rule"},
    "describes things, gives nobody anything": {
        "create_cluster", "change_cluster", "set_cluster_state", "create_kind", "change_kind", "create_provider",
        "change_provider", "register_authority", "revise_authority", "create_project", "revise_project", "end_project", "create", "change",
        "objection_to", "rotate_credentials",
    },
}  # fmt: skip


def services():
    """(module, name, function) of everything public that takes an acting user."""
    for package in (tenants.services, resources.services):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if name.startswith("_") or function.__module__ != info.name:
                    continue
                if "acting_user" in inspect.signature(function).parameters:
                    yield info.name, name, function


def test_every_service_is_known_to_decide_or_not():
    known = {name for names in DOES_NOT.values() for name in names}
    found: dict[str, set[str]] = {}
    unknown = []
    for module, name, function in services():
        if getattr(function, "decides", False):
            found.setdefault(module, set()).add(name)
        elif name not in known:
            unknown.append(f"{module}.{name}")
    assert found == DECIDES
    assert unknown == []


@pytest.fixture
def at_a_door():
    """Somebody at a door whose second factor is so many seconds old; None: they never showed one."""
    tokens = []

    def stand(at):
        tokens.append(proof.shown.set(proof.Proof(at)))

    yield stand
    for token in reversed(tokens):
        proof.shown.reset(token)


@pytest.mark.parametrize("module", sorted(DECIDES))
def test_no_service_that_decides_is_reached_with_an_old_factor(at_a_door, module):
    """The question comes before anything is read, so arguments do not matter."""
    at_a_door(None)
    for name in DECIDES[module]:
        with pytest.raises(proof.SecondFactorTooOld):
            getattr(importlib.import_module(module), name)(acting_user=object())


@pytest.mark.django_db
def test_setting_a_policy_without_a_door_asks_nobody():
    row = set_policy(
        acting_user=make_admin(), authority=make_authority(), key="decision.days", value=7, reason="Agreed"
    )
    assert row.value == 7
