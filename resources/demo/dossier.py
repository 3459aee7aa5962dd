"""What the organisations of the demo world answer beyond the facts of the cast: plausible, complete, all of it invented."""

from __future__ import annotations

from typing import Any

from tenants.questions.standard import NIS2

SECTORS = {
    "public_agency": "administration", "regional_authority": "administration", "industry": "manufacturing",
    "startup": "digital", "academia": "research",
}  # fmt: skip
FORMS = {
    "public_agency": "Public agency", "regional_authority": "Body of public law", "industry": "Public limited company",
    "startup": "Private limited company", "academia": "University under public law",
}  # fmt: skip
OFFICES = {
    "public_agency": "Head of the agency", "regional_authority": "Director", "industry": "Managing director",
    "startup": "Managing director", "academia": "Rector",
}  # fmt: skip
OWN = {
    "public_agency": {"founding_act": "The act that set it up, of 12 March 2004"},
    "regional_authority": {"territory": "Its region"}, "academia": {"recognised_by": "The state"},
}  # fmt: skip
"""What is asked of one kind alone."""
PUBLIC, COMPANIES = {"public_agency", "regional_authority"}, {"industry", "startup"}
SENSITIVE = {"confidential", "restricted"}


def complete(facts: dict[str, Any], contact: str) -> dict[str, Any]:
    """``facts`` of the cast with everything else that the standard questions ask of such an organisation."""
    kind, sector = facts["kind"], SECTORS[facts["kind"]]
    domain = facts["contact_email"].partition("@")[2]
    answers = {
        **facts, **OWN.get(kind, {}), "legal_form": FORMS[kind], "sector": sector, "contact_name": contact, "signatory_name": contact,
        "mandate": "statute" if kind in PUBLIC else "register", "security_email": f"security@{domain}",
        "website": f"https://{domain}",
        "personal_data": "none", "support_location": "eea", "ai_role": "both", "high_risk": "none", "gpai": "no",
        "no_prohibited": "yes", "dual_use": "no", "no_sanctions": "yes", "signatory_role": OFFICES[kind],
        "security_phone": "+32 2 555 01 00", "end_use": "product" if kind in COMPANIES else "research",
        "end_user_region": "union",
    }  # fmt: skip
    if sector in NIS2:
        answers |= {"nis2": "essential" if kind in PUBLIC else "important", "nis2_registered": "yes"}
    if kind in PUBLIC:
        answers["parent_body"] = "The ministry of its country"
    if kind in COMPANIES:
        answers |= {"employees": "38" if kind == "startup" else "420", "sme": "yes" if kind == "startup" else "no"}
        answers["controlled_abroad"] = "no"
    if kind == "startup":
        answers |= {"founded": "2021-03-15", "funding": "Its founders, and a public seed grant."}
    if facts["data_class"] in SENSITIVE:
        answers |= {
            "confidential_computing": "none", "personal_data": "personal", "gdpr_role": "controller",
            "dpo_name": contact, "dpa_version": "2.1", "dpo_email": f"privacy@{domain}", "dpa_signed": "yes", "dpa_date": "2025-11-04", "transfers": "no",
        }  # fmt: skip
        if kind == "academia":
            answers["ethics"] = "yes"
    return answers
