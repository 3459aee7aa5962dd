"""Texts that officers may choose while their authority has written none of its own: by use, key → language → text."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.letters.stock_quotas import QUOTA_STOCK

STOCK: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    **QUOTA_STOCK,
    "ground": {
        "identity": {
            "en": "The identity of the organisation could not be established.",
            "fr": "L’identité de l’organisation n’a pas pu être établie.",
            "de": "Die Identität der Organisation konnte nicht festgestellt werden.",
        },
        "mandate": {
            "en": "Whoever signs has not shown a mandate to bind the organisation.",
            "fr": "La personne signataire n’a pas justifié de son pouvoir d’engager l’organisation.",
            "de": "Wer unterzeichnet, hat keine Vollmacht für die Organisation nachgewiesen.",
        },
        "purpose": {
            "en": "The purpose lies outside of what this infrastructure is for.",
            "fr": "La finalité ne relève pas de la mission de cette infrastructure.",
            "de": "Der Zweck liegt außerhalb dessen, wofür diese Infrastruktur da ist.",
        },
        "protection": {
            "en": "The safeguards for the data do not suffice for its class.",
            "fr": "Les garanties prévues pour les données ne suffisent pas pour leur classe.",
            "de": "Die Schutzmaßnahmen reichen für die Klasse der Daten nicht aus.",
        },
        "export": {
            "en": "Export control or a sanctions list stands in the way.",
            "fr": "Le contrôle des exportations ou une liste de sanctions s’y oppose.",
            "de": "Exportkontrolle oder eine Sanktionsliste steht entgegen.",
        },
    },
    "reason": {
        "plausible": {
            "en": "Identity, purpose and safeguards were examined and are plausible.",
            "fr": "L’identité, la finalité et les garanties ont été examinées et sont plausibles.",
            "de": "Identität, Zweck und Schutzmaßnahmen wurden geprüft und sind plausibel.",
        },
    },
    "question": {
        "register": {
            "en": "Please attach an extract of the register that is not older than three months.",
            "fr": "Veuillez joindre un extrait du registre datant de moins de trois mois.",
            "de": "Bitte fügen Sie einen Registerauszug bei, der nicht älter als drei Monate ist.",
        },
        "mandate": {
            "en": "Please show by what mandate the person who signs acts for the organisation.",
            "fr": "Veuillez indiquer en vertu de quel pouvoir la personne signataire agit pour l’organisation.",
            "de": "Bitte weisen Sie nach, mit welcher Vollmacht die unterzeichnende Person handelt.",
        },
        "purpose": {
            "en": "Please describe the purpose more precisely: which models, which data, for whom.",
            "fr": "Veuillez décrire la finalité plus précisément : quels modèles, quelles données, pour qui.",
            "de": "Bitte beschreiben Sie den Zweck genauer: welche Modelle, welche Daten, für wen.",
        },
    },
}  # fmt: skip
