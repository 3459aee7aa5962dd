"""Kinds of letters about an application: what each may speak of and has to."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from portal.core.letters.text import LetterKind, Placeholder, letter_kinds
from tenants.letters import wording

APPROVED, CONDITIONAL, REJECTED = "case.approved", "case.conditionally_approved", "case.rejected"

OF_EVERY_LETTER: Mapping[str, Placeholder] = {
    "organisation": Placeholder(_("Name of the organisation"), "Observatory of Rivers"),
    "reference": Placeholder(_("Reference of the application"), "ON-2026-0042"),
    "authority": Placeholder(_("Name of the authority"), _("Agency for Computing")),
    "contact": Placeholder(_("Contact address of the authority"), "office@agency.example"),
    "applicant": Placeholder(_("Who sent the application"), "Ida Berg"),
    "sent_on": Placeholder(_("Day on which it was sent"), "3 November 2026"),
    "decided_on": Placeholder(_("Day of the decision"), "12 November 2026"),
    "deciders": Placeholder(_("Who decided"), "Jonas Weber, Clara Dubois"),
    "portal": Placeholder(_("Name of this portal"), _("AI factory portal")),
}
OF_AN_ADMISSION: Mapping[str, Placeholder] = {
    **OF_EVERY_LETTER,
    "data_class": Placeholder(_("Most sensitive data that is allowed"), _("Confidential")),
    "residency": Placeholder(_("Countries in which its data may be"), ["Luxembourg", "France"]),
    "reason": Placeholder(_("What the officers wrote"), _("The purpose and the safeguards are plausible.")),
}
OF_CONDITIONS: Mapping[str, Placeholder] = {
    **OF_AN_ADMISSION,
    "conditions": Placeholder(
        _("The conditions, each with its day and who has to meet it"),
        [_("Name a data protection officer, by 31 January 2027 (management)")],
    ),
    "grace_days": Placeholder(_("Days after a missed condition until the tenant is suspended"), "7"),
}
OF_A_REFUSAL: Mapping[str, Placeholder] = {
    **OF_EVERY_LETTER,
    "grounds": Placeholder(_("The grounds that were chosen"), [_("The identity could not be established.")]),
    "reason": Placeholder(_("What the officers wrote"), _("The register knows no organisation of this number.")),
    "appeal_until": Placeholder(_("Last day for an appeal; empty when none is possible"), "12 December 2026"),
}


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    verb = "decide"
    letter_kinds.add(
        APPROVED,
        LetterKind(
            _("Application approved"), OF_AN_ADMISSION, frozenset({"organisation", "reference"}), verb, wording.APPROVED
        ),
        weight=10,
    )
    letter_kinds.add(
        CONDITIONAL,
        LetterKind(
            _("Application approved with conditions"), OF_CONDITIONS,
            frozenset({"organisation", "reference", "conditions"}), verb, wording.CONDITIONAL,
        ),
        weight=11,
    )  # fmt: skip
    letter_kinds.add(
        REJECTED,
        LetterKind(
            _("Application refused"), OF_A_REFUSAL, frozenset({"organisation", "reference", "reason", "appeal_until"}),
            verb, wording.REJECTED,
        ),
        weight=12,
    )  # fmt: skip
