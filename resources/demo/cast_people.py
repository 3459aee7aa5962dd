"""The people of the demo world, and what waits for a decision. All of it is invented; .example can never be reached."""

from __future__ import annotations

from resources.demo.cast_types import Case, Person, Request

PEOPLE = (
    Person("admin@portal.example", "Ines Varga", "platform_admin", shown="Platform administrator"),
    # Authorities
    Person("maja.lindqvist@lysvik.example", "Maja Lindqvist", "onboarding_officer", "lysvik", "Onboarding officer"),
    Person("olof.backman@lysvik.example", "Olof Backman", "quota_approver", "lysvik", "Quota approver"),
    Person("sanna.ekholm@lysvik.example", "Sanna Ekholm", "quota_approver", "lysvik", "Second quota approver"),
    Person("henrik.stahl@lysvik.example", "Henrik Ståhl", "auditor", "lysvik", "Auditor"),
    Person("karla.winter@auental.example", "Karla Winter", "onboarding_officer", "auental"),
    Person("bodo.reimann@auental.example", "Bodo Reimann", "onboarding_officer", "auental"),
    Person("jonas.adler@auental.example", "Jonas Adler", "quota_approver", "auental"),
    Person("mira.tauber@auental.example", "Mira Tauber", "quota_approver", "auental"),
    Person("dorit.kehl@auental.example", "Dorit Kehl", "auditor", "auental"),
    Person("lucie.armand@valmere.example", "Lucie Armand", "onboarding_officer", "valmere"),
    Person("bastien.roche@valmere.example", "Bastien Roche", "quota_approver", "valmere"),
    Person("noemie.sorel@valmere.example", "Noémie Sorel", "quota_approver", "valmere"),
    Person("alain.perret@valmere.example", "Alain Perret", "auditor", "valmere"),
    Person("chiara.donati@montelume.example", "Chiara Donati", "onboarding_officer", "montelume"),
    Person("paolo.ferri@montelume.example", "Paolo Ferri", "quota_approver", "montelume"),
    Person("giulia.serra@montelume.example", "Giulia Serra", "quota_approver", "montelume"),
    Person("tullio.conti@montelume.example", "Tullio Conti", "auditor", "montelume"),
    # Providers
    Person("aksel.nyberg@isgrund.example", "Aksel Nyberg", "operator", "isgrund", "Provider operator"),
    Person("ruth.ziegler@steinbuche.example", "Ruth Ziegler", "operator", "steinbuche"),
    Person("yann.colas@rocanova.example", "Yann Colas", "operator", "rocanova"),
    # Tenants
    Person("freja.holm@norvik-weather.example", "Freja Holm", "owner", "norvik-weather", "Tenant owner"),
    Person(
        "elias.brandt@norvik-weather.example", "Elias Brandt", "project_manager", "norvik-weather", "Project manager"
    ),
    Person("liv.sandell@norvik-weather.example", "Liv Sandell", "member", "norvik-weather", "Tenant member"),
    Person("astrid.norell@isfall-genomics.example", "Astrid Norell", "owner", "isfall-genomics"),
    Person("viggo.dahl@isfall-genomics.example", "Viggo Dahl", "project_manager", "isfall-genomics"),
    Person("nils.forsman@tallbacken.example", "Nils Forsman", "owner", "tallbacken", "Owner of another tenant"),
    Person("ida.kvist@tallbacken.example", "Ida Kvist", "member", "tallbacken"),
    Person("ante.labba@blekvatten.example", "Ante Labba", "owner", "blekvatten"),
    Person("birgit.ros@region-vitsund.example", "Birgit Ros", "owner", "region-vitsund"),
    Person("uwe.hartung@gruenwerk.example", "Uwe Hartung", "owner", "gruenwerk"),
    Person("selma.voss@klinikum-hochstein.example", "Selma Voss", "owner", "klinikum-hochstein"),
    Person("timo.krebs@lautsprache.example", "Timo Krebs", "owner", "lautsprache"),
    Person("gesa.lorenz@land-auental.example", "Gesa Lorenz", "owner", "land-auental"),
    Person("falk.meissner@tu-erlenfeld.example", "Falk Meißner", "owner", "tu-erlenfeld"),
    Person("jule.arndt@tu-erlenfeld.example", "Jule Arndt", "project_manager", "tu-erlenfeld"),
    Person("odile.marchal@ormeraie.example", "Odile Marchal", "owner", "ormeraie"),
    Person("remi.vasseur@chantefroid.example", "Rémi Vasseur", "owner", "chantefroid"),
    Person("zoe.blin@papillon.example", "Zoé Blin", "owner", "papillon"),
    Person("marc.teyssier@meridien-fret.example", "Marc Teyssier", "owner", "meridien-fret"),
    Person("lina.costes@voix-libre.example", "Lina Costes", "owner", "voix-libre"),
    Person("elena.bressan@selvalta.example", "Elena Bressan", "owner", "selvalta"),
    Person("dario.pozzi@agenzia-acque.example", "Dario Pozzi", "owner", "agenzia-acque"),
    Person("silvio.marin@ventalta.example", "Silvio Marin", "owner", "ventalta"),
    Person("nora.galli@lingua-viva.example", "Nora Galli", "owner", "lingua-viva"),
    Person("carla.vitale@regione-montelume.example", "Carla Vitale", "owner", "regione-montelume"),
    # Applicants
    Person("stina.hagg@sjohagen.example", "Stina Hägg", "applicant", shown="Applicant"),
    Person("per.lundin@granby.example", "Per Lundin", "applicant"),
    Person("anke.sommer@hs-buchenried.example", "Anke Sommer", "applicant"),
    Person("theo.garnier@brumeval.example", "Théo Garnier", "applicant"),
    Person("bruno.salvi@rivaforte.example", "Bruno Salvi", "applicant"),
    Person("hans.blom@kronbukt.example", "Hans Blom", "applicant"),
    Person("doris.kamp@rauhfeld.example", "Doris Kamp", "applicant"),
    Person("ylva.tern@vassdal.example", "Ylva Tern", "applicant"),
)

CASES = (
    Case(
        "stina.hagg@sjohagen.example", "lysvik", "Sjöhagen Ferries", "industry", "SE", "SE-REG 556810-4417", "internal",
        ("SE", "FI"), "Predicting wear of ferry engines from vibration, for the coming winter timetable.",
        "submitted", 2,
    ),
    Case(
        "per.lundin@granby.example", "lysvik", "Granby Rescue Service", "public_agency", "SE", "SE-REG 222000-9184",
        "confidential", ("SE",), "Sorting emergency calls by urgency, with a person deciding each time.",
        "in_review", 6,
    ),
    Case(
        "anke.sommer@hs-buchenried.example", "auental", "Hochschule Buchenried", "academia", "DE", "DE-REG 3394-02",
        "internal", ("DE",), "Teaching and a research group on efficient vision models.", "submitted", 1,
    ),
    Case(
        "theo.garnier@brumeval.example", "valmere", "Atelier Brumeval", "startup", "FR", "FR-SIREN 921003377",
        "public", ("FR",), "Restoring colour and sound of old films.", "info_requested", 9,
        "Please name the film archives and the licence under which you hold the films.",
    ),
    Case(
        "bruno.salvi@rivaforte.example", "montelume", "Cantieri Rivaforte", "industry", "IT", "IT-REG 06120440285",
        "internal", ("IT", "FR"), "Generative design of small hulls.", "submitted", 4,
    ),
)  # fmt: skip

REQUESTS = (
    Request(
        "blekvatten", "samiska", "norrsken", "a100", 24, 6,
        "Two more languages need a model of their own before the school year begins.", "submitted", 1,
    ),
    Request(
        "tallbacken", "perception", "norrsken", "h100", 56, 4,
        "One full training run with the data of this winter; the test drive is in April.", "submitted", 3,
    ),
    Request(
        "norvik-weather", "forecast", "kaamos", "h200", 72, 12,
        "The ensemble grows from 24 to 50 members; the old cluster has no room for it.", "awaiting_second", 5,
        "The need is well documented; the seasonal peak fits.",
    ),
    Request(
        "isfall-genomics", "variants", "kaamos", "h200", 24, 3, "Validation on a second cohort.", "info_requested", 8,
        "Does the ethics permit cover the second cohort? Please name its number.",
    ),
    Request(
        "region-vitsund", "citizen-desk", "norrsken", "a100", 8, 12,
        "Evening hours: twice as many questions as foreseen.", "in_review", 2,
    ),
    Request(
        "lautsprache", "foundation", "eichwald", "h100", 24, 6, "Longer audio: the context doubles.", "submitted", 2,
    ),
    Request(
        "papillon", "gestes", "chantelune", "h200", 16, 3, "A second robot hand with its own demonstrations.",
        "submitted", 1,
    ),
    Request(
        "selvalta", "clima", "pietralba", "h100", 24, 9, "A third emission scenario.", "submitted", 4,
    ),
    Request(
        "lingua-viva", "dialetti", "pietralba", "h100", 48, 12, "Pre-training from scratch.", "rejected", 20,
        "Fine-tuning of an existing open model serves the purpose; ask for A100 instead.",
    ),
)  # fmt: skip
