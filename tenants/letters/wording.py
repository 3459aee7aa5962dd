"""The portal's own wording of letters about applications, in every language of the portal.

It is what an authority's letters say until the authority words them itself. Paragraphs of facts that there are none of
are left out (portal.core.letters.text).
"""

from __future__ import annotations

APPROVED = {
    "en": (
        "Admission of {organisation}",
        """Dear {applicant},

on {sent_on} you applied for {organisation} to become a tenant of this AI factory (reference {reference}).

{authority} has decided to admit {organisation}. You are the owner of the tenant and may open projects, add people and ask for GPUs from today on.

Data up to this class may be processed: {data_class}.

Its data may be kept in: {residency}.

{reason}

Decided on {decided_on} by {deciders}.

If you have a question, write to {contact}.""",
    ),
    "fr": (
        "Admission de {organisation}",
        """Madame, Monsieur {applicant},

le {sent_on}, vous avez demandé que {organisation} devienne locataire de cette fabrique d’IA (référence {reference}).

{authority} a décidé d’admettre {organisation}. Vous êtes propriétaire du compte locataire et pouvez dès aujourd’hui ouvrir des projets, ajouter des personnes et demander des GPU.

Les données peuvent être traitées jusqu’à cette classe : {data_class}.

Ses données peuvent être conservées en : {residency}.

{reason}

Décidé le {decided_on} par {deciders}.

Pour toute question, écrivez à {contact}.""",
    ),
    "de": (
        "Aufnahme von {organisation}",
        """Guten Tag {applicant},

am {sent_on} haben Sie beantragt, dass {organisation} Mandant dieser KI-Fabrik wird (Aktenzeichen {reference}).

{authority} hat entschieden, {organisation} aufzunehmen. Sie sind Inhaberin oder Inhaber des Mandanten und können ab heute Projekte eröffnen, Personen hinzufügen und GPUs beantragen.

Daten dürfen bis zu dieser Klasse verarbeitet werden: {data_class}.

Die Daten dürfen liegen in: {residency}.

{reason}

Entschieden am {decided_on} von {deciders}.

Bei Fragen schreiben Sie an {contact}.""",
    ),
}
CONDITIONAL = {
    "en": (
        "Admission of {organisation} with conditions",
        """Dear {applicant},

on {sent_on} you applied for {organisation} to become a tenant of this AI factory (reference {reference}).

{authority} has decided to admit {organisation} under these conditions:

{conditions}

You may open projects and ask for GPUs from today on. Show in the portal that a condition is met before its day. The portal reminds you; if a condition is not met {grace_days} days after its day, the tenant is suspended until it is.

Data up to this class may be processed: {data_class}.

Its data may be kept in: {residency}.

{reason}

Decided on {decided_on} by {deciders}.

If you have a question, write to {contact}.""",
    ),
    "fr": (
        "Admission de {organisation} sous conditions",
        """Madame, Monsieur {applicant},

le {sent_on}, vous avez demandé que {organisation} devienne locataire de cette fabrique d’IA (référence {reference}).

{authority} a décidé d’admettre {organisation} aux conditions suivantes :

{conditions}

Vous pouvez dès aujourd’hui ouvrir des projets et demander des GPU. Montrez dans le portail qu’une condition est remplie avant sa date. Le portail vous le rappelle ; si une condition n’est pas remplie {grace_days} jours après sa date, le locataire est suspendu jusqu’à ce qu’elle le soit.

Les données peuvent être traitées jusqu’à cette classe : {data_class}.

Ses données peuvent être conservées en : {residency}.

{reason}

Décidé le {decided_on} par {deciders}.

Pour toute question, écrivez à {contact}.""",
    ),
    "de": (
        "Aufnahme von {organisation} unter Auflagen",
        """Guten Tag {applicant},

am {sent_on} haben Sie beantragt, dass {organisation} Mandant dieser KI-Fabrik wird (Aktenzeichen {reference}).

{authority} hat entschieden, {organisation} unter diesen Auflagen aufzunehmen:

{conditions}

Sie können ab heute Projekte eröffnen und GPUs beantragen. Zeigen Sie im Portal vor dem jeweiligen Tag, dass eine Auflage erfüllt ist. Das Portal erinnert Sie; ist eine Auflage {grace_days} Tage nach ihrem Tag nicht erfüllt, wird der Mandant ausgesetzt, bis sie es ist.

Daten dürfen bis zu dieser Klasse verarbeitet werden: {data_class}.

Die Daten dürfen liegen in: {residency}.

{reason}

Entschieden am {decided_on} von {deciders}.

Bei Fragen schreiben Sie an {contact}.""",
    ),
}
REJECTED = {
    "en": (
        "Refusal of the application of {organisation}",
        """Dear {applicant},

on {sent_on} you applied for {organisation} to become a tenant of this AI factory (reference {reference}).

{authority} has decided not to admit {organisation}.

The grounds are:

{grounds}

{reason}

Decided on {decided_on} by {deciders}.

You may appeal in the portal until {appeal_until}. People who had no part in this decision will then decide.

You may also apply again at any time. If you have a question, write to {contact}.""",
    ),
    "fr": (
        "Refus de la demande de {organisation}",
        """Madame, Monsieur {applicant},

le {sent_on}, vous avez demandé que {organisation} devienne locataire de cette fabrique d’IA (référence {reference}).

{authority} a décidé de ne pas admettre {organisation}.

Les motifs sont :

{grounds}

{reason}

Décidé le {decided_on} par {deciders}.

Vous pouvez former un recours dans le portail jusqu’au {appeal_until}. Des personnes qui n’ont pas pris part à cette décision statueront alors.

Vous pouvez aussi présenter une nouvelle demande à tout moment. Pour toute question, écrivez à {contact}.""",
    ),
    "de": (
        "Ablehnung des Antrags von {organisation}",
        """Guten Tag {applicant},

am {sent_on} haben Sie beantragt, dass {organisation} Mandant dieser KI-Fabrik wird (Aktenzeichen {reference}).

{authority} hat entschieden, {organisation} nicht aufzunehmen.

Die Gründe sind:

{grounds}

{reason}

Entschieden am {decided_on} von {deciders}.

Sie können im Portal bis zum {appeal_until} Widerspruch einlegen. Dann entscheiden Personen, die an dieser Entscheidung nicht beteiligt waren.

Sie können auch jederzeit einen neuen Antrag stellen. Bei Fragen schreiben Sie an {contact}.""",
    ),
}
