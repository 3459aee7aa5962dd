"""The portal's own question set: what European law lets an authority, and obliges it to, ask of an organisation.

Kinds, sectors and classes are those of the NIS 2 directive (EU) 2022/2555 annexes I and II, the AI Act (EU) 2024/1689
annex III and article 5, and the General Data Protection Regulation (EU) 2016/679 articles 4, 26, 28, 35 and 44. An
authority copies the set and changes it; dates and thresholds of law stand there as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.questions.europe import EUROPE

Text = str | Promise
PUBLIC = ("public_agency", "regional_authority", "justice")
COMPANIES = ("industry", "startup")
SECTORS: Sequence[tuple[str, Text]] = (
    ("energy", _("Energy")), ("transport", _("Transport")), ("banking", _("Banking and finance")),
    ("health", _("Health")), ("water", _("Water and waste water")), ("digital", _("Digital infrastructure and services")),
    ("space", _("Space")), ("administration", _("Public administration")), ("food", _("Food")),
    ("manufacturing", _("Manufacturing")), ("research", _("Research and education")), ("environment", _("Environment and climate")),
    ("culture", _("Culture and language")), ("other", _("Other")),
)  # fmt: skip
NIS2 = (
    "energy",
    "transport",
    "banking",
    "health",
    "water",
    "digital",
    "space",
    "administration",
    "food",
    "manufacturing",
)
ANNEX_III: Sequence[tuple[str, Text]] = (
    ("none", _("None of these")), ("biometrics", _("Biometrics")), ("infrastructure", _("Critical infrastructure")),
    ("education", _("Education and training")), ("employment", _("Employment")),
    ("services", _("Access to essential services")), ("law", _("Law enforcement")),
    ("migration", _("Migration and borders")), ("justice", _("Justice and democracy")),
)  # fmt: skip


def _ask(key: str, kind: str, label: Text, hint: Text = "", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": label, "help": hint, "required": True, **more}


def _offer(key: str, kind: str, label: Text, hint: Text = "", **more: Any) -> dict[str, Any]:
    return {**_ask(key, kind, label, hint, **more), "required": False}


ORGANISATION = (
    _ask("organisation", "text", _("Full legal name"), _("As it stands in the register.")),
    _ask("kind", "choice", _("What it is"), _("Later questions depend on it."), options=(
        ("public_agency", _("Public agency")), ("regional_authority", _("Regional authority")),
        ("industry", _("Industry")), ("startup", _("Start-up or SME")), ("academia", _("University or research")),
        ("education", _("School or training")), ("health", _("Hospital or health service")),
        ("justice", _("Court, prosecution or police")),
        ("nonprofit", _("Association, foundation or other non-profit")),
    )),
    _ask("country", "country", _("Country of its seat")),
    _ask("legal_form", "text", _("Legal form"), _("For example: GmbH, SA, public law body, foundation.")),
    _ask("legal_id", "legal_id", _("Register number, VAT or LEI"), _("For example LU12345613. Check digits are tested here.")),
    _offer("pic", "text", _("Participant code (PIC)"), _("Nine digits, if the organisation takes part in European programmes."), limit=9, when={"kind": ("academia", "startup", "industry")}),
    _ask("parent_body", "text", _("Body it reports to"), _("The ministry, region or council that oversees it."), when={"kind": PUBLIC}),
    _ask("employees", "number", _("Number of employees"), _("Full-time equivalents at the end of the last year."), when={"kind": COMPANIES}),
    _ask("sme", "yes_no", _("Is it a small or medium-sized enterprise?"), _("Fewer than 250 people and at most 50 million euro turnover (Recommendation 2003/361/EC), groups counted together."), when={"kind": COMPANIES}),
    _ask("founded", "date", _("Founded on"), when={"kind": ("startup",)}, latest="today"),
    _ask("funding", "long", _("Who owns and finances it"), _("Owners with a quarter or more, and public grants."), when={"kind": ("startup",)}, limit=2000),
    _ask("sector", "choice", _("Sector"), options=SECTORS),
    _ask("nis2", "choice", _("Status under the NIS 2 directive"), when={"sector": NIS2}, options=(
        ("essential", _("Essential entity")), ("important", _("Important entity")), ("outside", _("Outside its scope")),
        ("unknown", _("Not established yet")),
    )),
    _offer("website", "url", _("Web site")),
)  # fmt: skip
PEOPLE = (
    _ask("contact_name", "text", _("Who we talk to")),
    _ask("contact_email", "email", _("Contact address"), _("Where the authority reaches you.")),
    _offer("contact_phone", "phone", _("Telephone")),
    _ask("signatory_name", "text", _("Who signs for the organisation")),
    _ask("mandate", "choice", _("By what mandate"), options=(
        ("register", _("Named in the register")), ("statute", _("By law, statute or appointment")),
        ("power_of_attorney", _("Power of attorney")),
    )),
    _ask("security_email", "email", _("Security contact"), _("Read at all hours: we write there when something is attacked.")),
    _offer("security_phone", "phone", _("Security telephone")),
)  # fmt: skip
DATA = (
    _ask("data_class", "choice", _("Most sensitive data you will bring"), _("It decides on which clusters you may work."), options=(
        ("public", _("Public")), ("internal", _("Internal")), ("confidential", _("Confidential")), ("restricted", _("Restricted")),
    )),
    _ask("confidential_computing", "choice", _("Does the work need confidential computing?"), when={"data_class": ("confidential", "restricted")}, options=(
        ("none", _("No")), ("cpu_tee", _("Yes, of the processors")), ("gpu_cc", _("Yes, of processors and GPUs")),
    )),
    _ask("personal_data", "choice", _("Personal data"), options=(
        ("none", _("None")), ("personal", _("Personal data")),
        ("special", _("Special categories, such as health or biometrics")),
    )),
    _ask("gdpr_role", "choice", _("Your role for these data"), when={"personal_data": ("personal", "special")}, options=(
        ("controller", _("Controller")), ("processor", _("Processor")), ("joint", _("Joint controller")),
    )),
    _ask("dpo_email", "email", _("Data protection officer"), when={"personal_data": ("personal", "special")}),
    _ask("dpa_signed", "yes_no", _("Is the processing agreement signed?"), _("The agreement under article 28 between you and the operator of the clusters."), when={"personal_data": ("personal", "special")}),
    _ask("dpa_date", "date", _("Signed on"), when={"dpa_signed": ("yes",)}, latest="today"),
    _ask("dpia", "choice", _("Data protection impact assessment"), when={"personal_data": ("special",)}, options=(
        ("done", _("Done")), ("under_way", _("Under way")), ("not_needed", _("Not needed, and we can say why")),
    )),
    _ask("dpia_reason", "long", _("Why it is not needed"), when={"dpia": ("not_needed",)}, limit=2000),
    _ask("transfers", "yes_no", _("Will personal data leave the European Economic Area?"), when={"personal_data": ("personal", "special")}),
    _ask("transfer_countries", "countries", _("To which countries"), when={"transfers": ("yes",)}),
    _offer("residency", "countries", _("Countries your data may be in"), _("None ticked means: anywhere in this portal."), options=tuple((code, "") for code in EUROPE)),
    _ask("support_location", "choice", _("From where may support staff reach your data?"), options=(
        ("eea", _("From the European Economic Area only")), ("adequate", _("Also from countries with an adequacy decision")),
        ("anywhere", _("From anywhere")),
    )),
)  # fmt: skip
USE = (
    _ask("purpose", "long", _("What you will do here"), _("Plain words: what for, with which data, who profits. Officers read this first."), limit=4000),
    _ask("ai_role", "choice", _("Your role under the AI Act"), options=(
        ("none", _("We build and use no AI system")), ("provider", _("Provider: we develop it")),
        ("deployer", _("Deployer: we use it")), ("both", _("Both")),
    )),
    _ask("high_risk", "choice", _("High-risk area (annex III)"), when={"ai_role": ("provider", "deployer", "both")}, options=ANNEX_III),
    _ask("gpai", "yes_no", _("Will you train a general-purpose model?"), when={"ai_role": ("provider", "both")}),
    _ask("training_flop", "number", _("Expected training compute, in floating-point operations"), _("Such as 3e23. The Act presumes systemic risk above 1e25."), when={"gpai": ("yes",)}),
    _ask("no_prohibited", "yes_no", _("We do nothing that article 5 of the AI Act prohibits"), _("Such as social scoring, manipulation, or untargeted scraping of faces."), must="yes"),
    _ask("dual_use", "yes_no", _("Is there a military use, or an item on the dual-use list?"), _("Regulation (EU) 2021/821.")),
    _ask("end_users", "countries", _("Countries of the end users"), when={"dual_use": ("yes",)}),
    _ask("no_sanctions", "yes_no", _("Neither the organisation nor its owners are under sanctions of the Union"), _("The authority checks it against the consolidated list."), must="yes"),
    _ask("ethics", "yes_no", _("Has an ethics committee approved the research?"), when={"kind": ("academia",), "personal_data": ("personal", "special")}),
)  # fmt: skip
STEPS: Sequence[tuple[str, Text, Text, Sequence[Mapping[str, Any]]]] = (
    ("organisation", _("Organisation"), _("Who applies, and by which number a public register knows it."), ORGANISATION),
    ("people", _("People"), _("Who speaks and signs for it, and who answers at night."), PEOPLE),
    ("data", _("Data"), _("What you will bring, whose data they are, and where they may be."), DATA),
    ("use", _("Use"), _("What the GPUs are for, and what the law asks of that."), USE),
)  # fmt: skip


@cache
def content() -> dict[str, Any]:
    """The set as JSON, with its texts in every language of the portal. Read it, do not change it."""
    return {
        "steps": [
            {
                "key": key, "title": _every(title), "lede": _every(lede),
                "questions": [_plain(question) for question in questions],
            }
            for key, title, lede, questions in STEPS
        ]
    }  # fmt: skip


def _plain(question: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in question.items() if value not in ("", ())}
    plain["label"] = _every(question["label"])
    if question["help"]:
        plain["help"] = _every(question["help"])
    if "options" in question:
        plain["options"] = [[value, _every(text) if text else {}] for value, text in question["options"]]
    if "when" in question:
        plain["when"] = {key: list(values) for key, values in question["when"].items()}
    return plain


def _every(text: Text) -> dict[str, str]:
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(text)
    return texts
