"""Kinds of letters about a quota request, and the portal's own wording of them in every language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from portal.core.letters.text import LetterKind, Placeholder, letter_kinds

APPROVED, IN_PART, REJECTED = "request.approved", "request.partially_approved", "request.rejected"
VERB = "approve"

OF_EVERY_LETTER: Mapping[str, Placeholder] = {
    "tenant": Placeholder(_("Name of the tenant"), "Observatory of Rivers"),
    "project": Placeholder(_("Name of the project"), _("River levels")),
    "reference": Placeholder(_("Reference of the request"), "QR-2026-0117"),
    "authority": Placeholder(_("Name of the authority"), _("Agency for Computing")),
    "contact": Placeholder(_("Contact address of the authority"), "office@agency.example"),
    "requester": Placeholder(_("Who asked"), "Ida Berg"),
    "sent_on": Placeholder(_("Day on which it was sent"), "3 November 2026"),
    "decided_on": Placeholder(_("Day of the decision"), "12 November 2026"),
    "deciders": Placeholder(_("Who decided"), "Jonas Weber, Clara Dubois"),
    "asked": Placeholder(
        _("What was asked for, line by line"), ["48 H100 SXM 80 GB, Aurora, 1 Jan 2027 – 30 Jun 2027"]
    ),
    "reason": Placeholder(_("What the approvers wrote"), _("Within the agreed plan.")),
    "portal": Placeholder(_("Name of this portal"), _("AI factory portal")),
}
OF_A_GRANT: Mapping[str, Placeholder] = {
    **OF_EVERY_LETTER,
    "granted": Placeholder(
        _("What was granted, line by line"), ["36 H100 SXM 80 GB, Aurora, 1 Jan 2027 – 30 Jun 2027"]
    ),
    "conditions": Placeholder(_("The conditions of the grant"), [_("Report the use of energy every month.")]),
}
OF_A_REFUSAL: Mapping[str, Placeholder] = {
    **OF_EVERY_LETTER,
    "grounds": Placeholder(_("The grounds that were chosen"), [_("The pool is full in this period.")]),
    "appeal_until": Placeholder(_("Last day for an appeal; empty when none is possible"), "12 December 2026"),
}

APPROVED_TEXTS = {
    "en": (
        "GPUs for {project}: approved ({reference})",
        """Dear {requester},

on {sent_on} you asked for GPUs for the project {project} of {tenant} (reference {reference}).

{authority} has approved the request in full:

{granted}

The grant is bound to these conditions:

{conditions}

{reason}

The quota is in force as soon as the cluster itself has reported it back; the portal shows when.

Decided on {decided_on} by {deciders}.

If you have a question, write to {contact}.""",
    ),
    "fr": (
        "GPU pour {project} : accordés ({reference})",
        """Madame, Monsieur {requester},

le {sent_on}, vous avez demandé des GPU pour le projet {project} de {tenant} (référence {reference}).

{authority} a accordé la demande dans son intégralité :

{granted}

L’octroi est soumis à ces conditions :

{conditions}

{reason}

Le quota est en vigueur dès que le cluster lui-même l’a confirmé ; le portail indique quand.

Décidé le {decided_on} par {deciders}.

Pour toute question, écrivez à {contact}.""",
    ),
    "de": (
        "GPUs für {project}: bewilligt ({reference})",
        """Guten Tag {requester},

am {sent_on} haben Sie GPUs für das Projekt {project} von {tenant} beantragt (Aktenzeichen {reference}).

{authority} hat den Antrag vollständig bewilligt:

{granted}

Die Bewilligung ist an diese Auflagen gebunden:

{conditions}

{reason}

Das Kontingent gilt, sobald der Cluster selbst es bestätigt hat; das Portal zeigt, wann.

Entschieden am {decided_on} von {deciders}.

Bei Fragen schreiben Sie an {contact}.""",
    ),
}
IN_PART_TEXTS = {
    "en": (
        "GPUs for {project}: approved in part ({reference})",
        APPROVED_TEXTS["en"][1].replace(
            "has approved the request in full:", "has approved the request in part. You had asked for:\n\n{asked}\n\nGranted is:"
        ),
    ),
    "fr": (
        "GPU pour {project} : accordés en partie ({reference})",
        APPROVED_TEXTS["fr"][1].replace(
            "a accordé la demande dans son intégralité :", "a accordé la demande en partie. Vous aviez demandé :\n\n{asked}\n\nEst accordé :"
        ),
    ),
    "de": (
        "GPUs für {project}: teilweise bewilligt ({reference})",
        APPROVED_TEXTS["de"][1].replace(
            "hat den Antrag vollständig bewilligt:", "hat den Antrag teilweise bewilligt. Beantragt waren:\n\n{asked}\n\nBewilligt sind:"
        ),
    ),
}  # fmt: skip
REJECTED_TEXTS = {
    "en": (
        "GPUs for {project}: refused ({reference})",
        """Dear {requester},

on {sent_on} you asked for GPUs for the project {project} of {tenant} (reference {reference}):

{asked}

{authority} has decided not to grant them.

The grounds are:

{grounds}

{reason}

Decided on {decided_on} by {deciders}.

You may appeal in the portal until {appeal_until}. People who had no part in this decision will then decide.

You may also ask again at any time. If you have a question, write to {contact}.""",
    ),
    "fr": (
        "GPU pour {project} : refusés ({reference})",
        """Madame, Monsieur {requester},

le {sent_on}, vous avez demandé des GPU pour le projet {project} de {tenant} (référence {reference}) :

{asked}

{authority} a décidé de ne pas les accorder.

Les motifs sont :

{grounds}

{reason}

Décidé le {decided_on} par {deciders}.

Vous pouvez former un recours dans le portail jusqu’au {appeal_until}. Des personnes qui n’ont pas pris part à cette décision statueront alors.

Vous pouvez aussi demander de nouveau à tout moment. Pour toute question, écrivez à {contact}.""",
    ),
    "de": (
        "GPUs für {project}: abgelehnt ({reference})",
        """Guten Tag {requester},

am {sent_on} haben Sie GPUs für das Projekt {project} von {tenant} beantragt (Aktenzeichen {reference}):

{asked}

{authority} hat entschieden, sie nicht zu bewilligen.

Die Gründe sind:

{grounds}

{reason}

Entschieden am {decided_on} von {deciders}.

Sie können im Portal bis zum {appeal_until} Widerspruch einlegen. Dann entscheiden Personen, die an dieser Entscheidung nicht beteiligt waren.

Sie können auch jederzeit erneut beantragen. Bei Fragen schreiben Sie an {contact}.""",
    ),
}


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    granted = frozenset({"reference", "granted"})
    kinds = (
        (APPROVED, _("GPUs approved"), OF_A_GRANT, granted, APPROVED_TEXTS),
        (IN_PART, _("GPUs approved in part"), OF_A_GRANT, granted, IN_PART_TEXTS),
        (REJECTED, _("GPUs refused"), OF_A_REFUSAL, frozenset({"reference", "reason", "appeal_until"}), REJECTED_TEXTS),
    )
    for number, (name, label, placeholders, needed, texts) in enumerate(kinds):
        letter_kinds.add(name, LetterKind(label, placeholders, needed, VERB, texts), weight=20 + number)
