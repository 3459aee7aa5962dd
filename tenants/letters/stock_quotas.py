"""Texts about requests for GPUs that approvers may choose while their authority has written none of its own."""

from __future__ import annotations

from collections.abc import Mapping

QUOTA_STOCK: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "quota_reason": {
        "plan": {
            "en": "The request is within the agreed plan and its use is plausible.",
            "fr": "La demande s’inscrit dans le plan convenu et l’usage prévu est plausible.",
            "de": "Der Antrag liegt im vereinbarten Plan, und die Nutzung ist plausibel.",
        },
        "measured": {
            "en": "The measured use of the GPUs granted so far speaks for this amount.",
            "fr": "L’utilisation mesurée des GPU accordés jusqu’ici justifie cette quantité.",
            "de": "Die gemessene Nutzung der bisher bewilligten GPUs spricht für diese Menge.",
        },
    },
    "quota_refusal": {
        "full": {
            "en": "The pool is full in this period. Ask for a later start or another cluster.",
            "fr": "Le pool est complet sur cette période. Demandez un début plus tardif ou une autre grappe.",
            "de": "Der Pool ist in diesem Zeitraum voll. Beantragen Sie einen späteren Beginn oder einen anderen Cluster.",
        },
        "unused": {
            "en": "The GPUs granted so far are hardly used. Use them first, or say why more are needed.",
            "fr": "Les GPU accordés jusqu’ici sont peu utilisés. Utilisez-les d’abord, ou dites pourquoi il en faut plus.",
            "de": "Die bisher bewilligten GPUs werden kaum genutzt. Nutzen Sie sie zuerst, oder begründen Sie den Mehrbedarf.",
        },
        "purpose": {
            "en": "What is to be computed lies outside of what this infrastructure is for.",
            "fr": "Le calcul prévu ne relève pas de la mission de cette infrastructure.",
            "de": "Was gerechnet werden soll, liegt außerhalb dessen, wofür diese Infrastruktur da ist.",
        },
    },
    "quota_question": {
        "scale": {
            "en": "Please describe how the work scales: what was measured, on how many GPUs.",
            "fr": "Veuillez décrire le passage à l’échelle : ce qui a été mesuré, sur combien de GPU.",
            "de": "Bitte beschreiben Sie, wie die Arbeit skaliert: was gemessen wurde, auf wie vielen GPUs.",
        },
        "period": {
            "en": "Please say why the whole period is needed, and what runs when.",
            "fr": "Veuillez indiquer pourquoi toute la période est nécessaire, et ce qui s’exécute quand.",
            "de": "Bitte begründen Sie den ganzen Zeitraum: was läuft wann.",
        },
    },
    "quota_condition": {
        "assessment": {
            "en": "Hand in the data-protection impact assessment of the project.",
            "fr": "Remettre l’analyse d’impact relative à la protection des données du projet.",
            "de": "Die Datenschutz-Folgenabschätzung des Projekts vorlegen.",
        },
        "use": {
            "en": "Keep at least 60 % of the GPUs granted busy over four weeks.",
            "fr": "Occuper au moins 60 % des GPU accordés pendant quatre semaines.",
            "de": "Mindestens 60 % der bewilligten GPUs über vier Wochen auslasten.",
        },
        "report": {
            "en": "Send a short report of what was computed and what came of it.",
            "fr": "Transmettre un bref rapport sur ce qui a été calculé et sur les résultats obtenus.",
            "de": "Einen kurzen Bericht über das Gerechnete und seine Ergebnisse einreichen.",
        },
    },
}  # fmt: skip
