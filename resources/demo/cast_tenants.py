"""The tenants of the demo world, their projects and the quotas they already have. All of it is invented."""

from __future__ import annotations

from resources.demo.cast_types import Project, Quota, Tenant

NORDIC = ("SE", "FI")
EU = ("SE", "FI", "DE", "FR", "IT")

TENANTS = (
    Tenant(
        "norvik-weather", "Norvik Weather Service", "public_agency", "SE", "lysvik", "SE-REG 202100-7713",
        "internal", NORDIC,
        (
            Project("forecast", "Ensemble forecast", "training", "internal",
                    "A learned ensemble forecast of the northern seas, trained anew each month on forty years of "
                    "reanalysis.", (Quota("norrsken", "h100", 160),)),
            Project("radar", "Rain radar nowcasting", "inference", "public",
                    "Nowcasts of rain from radar images, every five minutes, for the public.",
                    (Quota("norrsken", "a100", 24),)),
        ),
    ),
    Tenant(
        "isfall-genomics", "Isfall University, Genome Centre", "academia", "SE", "lysvik", "SE-REG 202100-8829",
        "confidential", NORDIC,
        (
            Project("variants", "Reading rare variants", "training", "confidential",
                    "A model that ranks rare variants for clinical review; pseudonymised data under an ethics permit.",
                    (Quota("norrsken", "h100", 64), Quota("kaamos", "h200", 128))),
        ),
    ),
    Tenant(
        "tallbacken", "Tallbacken Mobility", "industry", "SE", "lysvik", "SE-REG 556799-3021", "internal", NORDIC,
        (
            Project("perception", "Winter perception", "training", "internal",
                    "Perception of lanes and people in snow and darkness for driverless lorries.",
                    (Quota("norrsken", "h100", 128), Quota("kaamos", "h200", 96))),
        ),
    ),
    Tenant(
        "blekvatten", "Blekvatten Language Lab", "startup", "SE", "lysvik", "SE-REG 559401-2286", "internal", NORDIC,
        (
            Project("samiska", "Small languages", "fine_tuning", "public",
                    "Open language models for northern minority languages.", (Quota("norrsken", "a100", 56),)),
            Project("tal", "Speech of the north", "data_preparation", "internal",
                    "Cleaning and aligning twelve thousand hours of recorded speech.", ()),
        ),
    ),
    Tenant(
        "region-vitsund", "Region Vitsund", "regional_authority", "SE", "lysvik", "SE-REG 232100-4402", "internal",
        NORDIC,
        (
            Project("citizen-desk", "Citizen desk", "inference", "internal",
                    "Answers to citizens' questions from the region's own rules, with the source shown.",
                    (Quota("norrsken", "a100", 40),)),
        ),
    ),
    Tenant(
        "gruenwerk", "Grünwerk Turbinen", "industry", "DE", "auental", "DE HRB 77120", "internal", ("DE", "SE", "FI"),
        (
            Project("flow", "Flow surrogate", "training", "internal",
                    "A surrogate of turbine flow that replaces nine of ten simulations.",
                    (Quota("eichwald", "h100", 144),)),
        ),
    ),
    Tenant(
        "klinikum-hochstein", "Klinikum Hochstein", "academia", "DE", "auental", "DE-REG 3307-11", "restricted",
        ("DE",),
        (
            Project("imaging", "Imaging assistant", "fine_tuning", "restricted",
                    "Second reading of mammograms; patient data stays in confidential computing.",
                    (Quota("eichwald", "b200", 56), Quota("eichwald", "h100", 40))),
        ),
    ),
    Tenant(
        "lautsprache", "Lautsprache KI", "startup", "DE", "auental", "DE HRB 104455", "internal", ("DE", "FR"),
        (
            Project("foundation", "Speech foundation model", "training", "internal",
                    "A speech model for twenty European languages.",
                    (Quota("eichwald", "h100", 72), Quota("eichwald", "b200", 32))),
        ),
    ),
    Tenant(
        "land-auental", "Land Auental", "regional_authority", "DE", "auental", "DE-REG 3300-01", "confidential",
        ("DE",),
        (
            Project("files", "File assistant", "inference", "confidential",
                    "Summaries of planning files for the land's officers.", (Quota("eichwald", "h100", 40),)),
        ),
    ),
    Tenant(
        "tu-erlenfeld", "Technische Universität Erlenfeld", "academia", "DE", "auental", "DE-REG 3391-07",
        "internal", ("DE", "SE", "FI"),
        (
            Project("materials", "Battery materials", "training", "internal",
                    "Graph networks that propose electrolytes.",
                    (Quota("eichwald", "h100", 72), Quota("norrsken", "h100", 120))),
            Project("teaching", "Teaching", "data_preparation", "public",
                    "Exercises of four hundred students a term.", (Quota("kaamos", "h200", 64),)),
        ),
    ),
    Tenant(
        "ormeraie", "Institut de l'Ormeraie", "academia", "FR", "valmere", "FR-SIREN 900417733", "confidential",
        ("FR", "FI"),
        (
            Project("proteines", "Protein design", "training", "confidential",
                    "Diffusion models that design enzymes.", (Quota("chantelune", "h200", 112),)),
            Project("archives", "Reading archives", "fine_tuning", "public",
                    "Handwriting of three centuries made searchable.", (Quota("chantelune", "a100", 64),)),
        ),
    ),
    Tenant(
        "chantefroid", "Ville de Chantefroid", "regional_authority", "FR", "valmere", "FR-SIREN 217400012", "internal",
        ("FR",),
        (
            Project("trafic", "Traffic lights", "inference", "internal",
                    "Green waves from camera counts; no picture leaves the junction.",
                    (Quota("chantelune", "a100", 24),)),
        ),
    ),
    Tenant(
        "papillon", "Papillon Robotique", "startup", "FR", "valmere", "FR-SIREN 911274050", "internal", ("FR", "FI"),
        (
            Project("gestes", "Learning gestures", "training", "internal",
                    "Grasping learned from demonstrations.",
                    (Quota("chantelune", "h200", 48), Quota("chantelune", "a100", 32))),
        ),
    ),
    Tenant(
        "meridien-fret", "Méridien Fret", "industry", "FR", "valmere", "FR-SIREN 904410218", "internal", ("FR", "DE"),
        (
            Project("routes", "Route planning", "training", "internal",
                    "Planning of freight by rail with learned heuristics.", (Quota("chantelune", "h200", 64),)),
        ),
    ),
    Tenant(
        "voix-libre", "Voix Libre", "startup", "FR", "valmere", "FR-SIREN 918855317", "public", EU,
        (
            Project("lecture", "Reading aloud", "fine_tuning", "public",
                    "Voices for people who cannot see, in every language of the Union.",
                    (Quota("kaamos", "h200", 56),)),
        ),
    ),
    Tenant(
        "selvalta", "Università di Selvalta", "academia", "IT", "montelume", "IT-CF 80044170221", "internal",
        ("IT", "FR", "SE"),
        (
            Project("clima", "Climate downscaling", "training", "public",
                    "Climate projections at one kilometre for the southern Alps.",
                    (Quota("pietralba", "a100", 112), Quota("pietralba", "h100", 40))),
        ),
    ),
    Tenant(
        "agenzia-acque", "Agenzia delle Acque di Montelume", "public_agency", "IT", "montelume", "IT-CF 90012280338",
        "internal", ("IT",),
        (
            Project("piene", "Flood warning", "inference", "internal",
                    "Flood warnings from gauges and weather, every ten minutes.", (Quota("pietralba", "a100", 32),)),
        ),
    ),
    Tenant(
        "ventalta", "Officine Ventalta", "industry", "IT", "montelume", "IT-REG 04418830277", "internal", ("IT", "FR"),
        (
            Project("officina", "Visual inspection", "fine_tuning", "internal",
                    "Finding cracks in castings from pictures.",
                    (Quota("pietralba", "h100", 48), Quota("pietralba", "a100", 40))),
        ),
    ),
    Tenant(
        "lingua-viva", "Lingua Viva", "startup", "IT", "montelume", "IT-REG 05620990284", "public", EU,
        (
            Project("dialetti", "Dialects", "fine_tuning", "public", "Transcribing the dialects of the peninsula.",
                    (Quota("pietralba", "a100", 56), Quota("norrsken", "a100", 48))),
        ),
    ),
    Tenant(
        "regione-montelume", "Regione Montelume", "regional_authority", "IT", "montelume", "IT-CF 80002170225",
        "internal", ("IT", "FR"),
        (
            Project("sportello", "One-stop desk", "inference", "internal",
                    "Forms explained and filled in with citizens.",
                    (Quota("pietralba", "a100", 24), Quota("chantelune", "h200", 24))),
        ),
    ),
)  # fmt: skip
