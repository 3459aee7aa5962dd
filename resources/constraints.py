"""What the constraints of this app's tables say to people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.core.constraints import AT_ONCE, Rule, rules
from tenants.constraints import DELEGATION, PERIOD

RULES = {
    "providermembership_ends_after_it_begins": PERIOD,
    "providermembership_delegation_ends": DELEGATION,
    "pool_once": Rule(_("This cluster has a pool of this GPU kind already. Change that pool instead."), "kind"),
    "pool_healthy_within_installed": Rule(
        _("More GPUs cannot be healthy than are installed. Lower “Healthy”, or raise “Installed” first."), "healthy"
    ),
    "pool_overcommit_at_least_one": Rule(
        _("The over-commit factor is 1 or more: 1 promises each healthy GPU once."), "overcommit"
    ),
    "share_once": Rule(_("This authority has a share of this pool already. Change that share instead."), "authority"),
    "cluster_credential_once": Rule(AT_ONCE),
    "maintenance_ends_after_it_starts": Rule(_("It ends before it begins. Choose a later end."), "ends_at"),
    "maintenance_number_of_a_pool": Rule(
        _("A number is of one pool, and 1 or more. Choose the pool, or leave the number empty for all GPUs."), "gpus"
    ),
    "maintenance_cancelled_with_a_reason": Rule(_("Say why it does not take place."), "reason"),
    "line_ends_after_it_starts": Rule(_("The last day is before the first. Choose a later one."), "until"),
    "line_asks_for_something": Rule(_("Ask for one GPU at least."), "amount"),
    "line_cluster_of_its_pool": Rule(_("Choose a pool, or leave the cluster to whoever decides."), "pool"),
    "line_budget_of_something": Rule(_("Ask for at least one GPU hour."), "amount"),
    "request_changes_a_grant": Rule(_("A change of a grant names the grant. Begin it on the page of that grant.")),
    "mode_version_once": Rule(AT_ONCE),
    "mode_limits_leave_something": Rule(_("A limit is 1 or more. Leave it empty where there is none."), "max_gpus"),
    "rule_version_once": Rule(AT_ONCE),
    "rule_in_force_once": Rule(AT_ONCE),
    "rule_begun_once": Rule(AT_ONCE),
    "rule_limits_leave_something": Rule(
        _(
            "A limit is 1 or more, and a share of the pool at most 100 percent. Leave a limit empty where there is none."
        ),
        "max_gpus",
    ),
    "rule_by_two_people": Rule(_("Somebody else than who wrote the rule has to put it in force.")),
    "look_once": Rule(AT_ONCE),
    "decision_by_rule_only_approves": Rule(_("A rule approves in full, and leaves everything else to people.")),
    "submission_once": Rule(AT_ONCE),
    "request_document_once": Rule(_("This file is attached already."), "file"),
    "answer_once": Rule(AT_ONCE),
    "decision_step_once": Rule(AT_ONCE),
    "decision_line_once": Rule(AT_ONCE),
    "decision_answered_once": Rule(AT_ONCE),
    "decision_line_is_paid_from_a_share": Rule(_("Say from which share these GPUs are paid.")),
    "decision_line_ends_after_it_starts": Rule(_("The last day is before the first. Choose a later one."), "until"),
    "grant_ends_after_it_starts": Rule(_("The last day is before the first. Choose a later one."), "until"),
    "grant_is_of_something": Rule(_("To give none of it, refuse the request and say why.")),
    "grant_condition_once": Rule(AT_ONCE),
    "environment_once": Rule(AT_ONCE),
    "environment_name_once": Rule(AT_ONCE),
    "quota_once": Rule(AT_ONCE),
}


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for name, rule in RULES.items():
        rules.add(name, rule)
