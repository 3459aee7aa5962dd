"""What the constraints of this app's tables say to people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.core.constraints import AT_ONCE, Rule, rules

PERIOD = Rule(_("The last day is before the first. Choose a later one."), "until")
DELEGATION = Rule(_("Whoever stands in for somebody does so until a day. Write the last day."), "until")
RULES = {
    "user_email_once": Rule(_("Somebody has an account with this address already. Choose a different one."), "email"),
    "notice_choice_hour_of_the_day": Rule(_("A day has the hours 0 to 23. Choose one of them."), "hour"),
    "membership_ends_after_it_begins": PERIOD,
    "authoritymembership_ends_after_it_begins": PERIOD,
    "authoritymembership_delegation_ends": DELEGATION,
    "only_approvers_have_a_limit": Rule(
        _("Only a quota approver has a limit, of one GPU at least. Leave it empty for other roles."), "gpu_limit"
    ),
    "only_approvers_have_clusters": Rule(
        _("Only a quota approver is limited to clusters. Tick none here."), "only_clusters"
    ),
    "policy_version_once": Rule(AT_ONCE),
    "question_set_version_once": Rule(AT_ONCE),
    "letter_template_version_once": Rule(AT_ONCE),
    "case_submission_once": Rule(AT_ONCE),
    "case_decision_step_once": Rule(AT_ONCE),
    "check_catalogue_version_once": Rule(AT_ONCE),
    "check_current_once": Rule(AT_ONCE),
    "check_round_once": Rule(AT_ONCE),
    "check_waived_by_two": Rule(_("A check is waived by two different people, each with a reason."), "reason"),
    "check_cleared_by_two": Rule(_("A hit is cleared by two different people, each with a reason."), "reason"),
    "check_sanctions_never_waived": Rule(
        _("The sanctions list is never waived; a hit is cleared by two people."), "reason"
    ),
    "sanctions_list_current_once": Rule(AT_ONCE),
    "case_condition_once": Rule(AT_ONCE),
    "condition_met_with_evidence": Rule(_("A condition is met by what one can see. Write what it is."), "evidence"),
    "case_member_once": Rule(_("This person writes the application already."), "email"),
    "case_link_open_once": Rule(AT_ONCE),
    "kind_defaults_once": Rule(AT_ONCE),
    "kind_defaults_months": Rule(_("Enter a number of months from 1 to 120."), "recertify_months"),
    "recertification_open_once": Rule(AT_ONCE),
    "departure_once": Rule(AT_ONCE),
    "departure_by_two": Rule(_("A tenant leaves when two different people agree. Another officer has to confirm it.")),
    "tenantclaim_mapped_once": Rule(_("This claim gives this role already. Change the value or the role."), "value"),
    "tenantclaim_makes_no_owner": Rule(_("No claim makes somebody an owner. Give that role by hand."), "role"),
    "tenantclaim_given_once": Rule(AT_ONCE),
    "claim_mapped_once": Rule(_("This claim gives this role there already. Change the value, the role or the place.")),
    "mapped_once": Rule(AT_ONCE),
    "project_slug_once": Rule(_("The tenant has a project of this name already. Choose a different name."), "name"),
    "saved_view_name_once": Rule(AT_ONCE),
    "webhook_of_one_place": Rule(_("A webhook belongs to one tenant or one authority. Choose one."), "place"),
    "token_is_bound_to_one_place": Rule(
        _("A token is valid for one tenant, authority or provider. Choose one."), "place"
    ),
    "token_may_something": Rule(_("A token that may do nothing is of no use. Tick what it may do."), "scopes"),
    "token_ends_after_it_begins": Rule(_("The last day of a token lies in the future. Choose a later one."), "until"),
}


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    for name, rule in RULES.items():
        rules.add(name, rule)
