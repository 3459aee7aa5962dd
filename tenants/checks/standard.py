"""The portal's own catalogue: what a European authority verifies before it admits an organisation.

Regulation (EU) 2016/679 articles 28, 35, 37 and 44, the AI Act (EU) 2024/1689 articles 5 and 6, the NIS 2 directive
(EU) 2022/2555, the dual-use regulation (EU) 2021/821 and the Union's restrictive measures. An authority changes the
list; what was planned for an application keeps its wording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants.checks.catalogue import Catalogue, read
from tenants.questions.standard import NIS2

Text = str | Promise
PERSONAL = {"personal_data": ("personal", "special")}


def _check(key: str, method: str, title: Text, hint: Text = "", **more: Any) -> dict[str, Any]:
    return {"key": key, "method": method, "title": title, "help": hint, **more}


CHECKS: Sequence[Mapping[str, Any]] = (
    _check("legal_id", "legal_id", _("Legal id"), _("The number by which a public register knows the organisation has the right form and check digits."), told=True),
    _check("register", "register", _("Entry in the register"), _("The register knows the number, and by this name."), valid_days=365),
    _check("country", "country", _("Countries agree"), _("Seat, legal id, mail and web site speak of the same country."), told=True),
    _check("mail_domain", "mail_domain", _("Contact address"), _("The contact writes from an address of the organisation and not of a free mail service."), told=True),
    _check("duplicate", "duplicate", _("Not known already"), _("No tenant and no other open application has the same legal id or name.")),
    _check("sanctions", "sanctions", _("Sanctions list"), _("Neither the organisation nor who signs for it is on the consolidated list of the Union. A hit is cleared by two people.")),
    _check("mandate", "manual", _("Mandate of who signs"), _("The power of attorney is there, and covers this."), when={"mandate": ("power_of_attorney",)}, told=True, valid_days=365),
    _check("gdpr_agreement", "manual", _("Processing agreement"), _("The agreement under article 28 of the GDPR is signed by both sides, in its present version."), when=PERSONAL, told=True, valid_days=730),
    _check("dpo", "answer", _("Data protection officer"), _("There is somebody to turn to about personal data."), when=PERSONAL, passes={"dpo_email": ("*",)}, told=True, valid_days=365),
    _check("dpia", "manual", _("Data protection impact assessment"), _("It is done, or there is a reason why it is not needed."), when={"personal_data": ("special",)}, told=True, valid_days=365),
    _check("transfers", "manual", _("Transfers out of the Union"), _("Each country has an adequacy decision or safeguards under article 46."), when={"transfers": ("yes",)}),
    _check("ai_act", "answer", _("AI Act declaration"), _("No prohibited practice, no high-risk area, no general-purpose model; anything else an officer looks at."), when={"ai_role": ("provider", "deployer", "both")}, passes={"no_prohibited": ("yes",), "high_risk": ("none",), "gpai": ("no",)}, valid_days=365),
    _check("nis2", "answer", _("Status under NIS 2"), _("It is known whether the organisation is an essential or important entity."), when={"sector": NIS2}, passes={"nis2": ("essential", "important", "outside")}, required=False),
    _check("end_use", "answer", _("End use and export control"), _("No military use and nothing of the dual-use list; else the export authority has agreed."), passes={"dual_use": ("no",)}),
    _check("security", "manual", _("Security concept"), _("How data of this class are protected on the organisation's own side."), when={"data_class": ("restricted",)}, told=True, valid_days=365),
    _check("pic", "pic", _("Participant code"), _("Nine digits."), when={"pic": ("*",)}, required=False, told=True),
    _check("documents", "documents", _("Age of the documents"), _("None of the documents is older than the authority accepts."), required=False),
)  # fmt: skip


@cache
def content() -> dict[str, Any]:
    """The catalogue as JSON, with its texts in every language of the portal. Read it, do not change it."""
    return {"checks": [_plain(check) for check in CHECKS]}


@cache
def catalogue() -> Catalogue:
    return read(content())


def _plain(check: Mapping[str, Any]) -> dict[str, Any]:
    plain = {"required": True, "told": False, "valid_days": 0, **check}
    plain["title"], plain["help"] = _every(check["title"]), _every(check["help"])
    for name in ("when", "passes"):
        plain[name] = {key: list(values) for key, values in check.get(name, {}).items()}
    return plain


def _every(text: Text) -> dict[str, str]:
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(text)
    return texts
