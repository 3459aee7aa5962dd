"""Automatic checks as plain functions: what passes, what fails, and what no rule may decide."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from django.utils import translation

from tenants.checks import standard
from tenants.checks.catalogue import CheckRule, applies, in_order, read
from tenants.checks.findings import SENTENCES, sentence
from tenants.checks.methods import METHODS, Other, Paper, Subject
from tenants.checks.papers import made_on
from tenants.questions.schema import WrongSet

TODAY = dt.date(2026, 6, 1)


def rule(method, **more):
    return CheckRule(method, method, {"en": method}, **more)


def look(method, **facts):
    known = {"organisation": "Delta", "country": "LU", "legal_id": "LU15027442", "contact_email": "a@delta.example"}
    found = METHODS[method](Subject(**{**known, "today": TODAY, "document_days": 365, **facts}), rule(method))
    assert found.code in SENTENCES
    assert "%(" not in sentence(found.code, found.facts)
    return found.outcome, found.code


@pytest.mark.parametrize(
    ("mail", "site", "expected"),
    [
        ("a@delta.example", "https://www.delta.example/about", ("passed", "mail.own")),
        ("a@lab.delta.example", "delta.example", ("passed", "mail.own")),
        ("a@delta.example", "https://lab.delta.example:8443", ("passed", "mail.own")),
        ("a@GMAIL.com", "https://gmail.com", ("failed", "mail.free")),
        ("a@web.de", "", ("failed", "mail.free")),
        ("a@delta.example", "", ("open", "mail.no_site")),
        ("a@delta.example", "https://notdelta.example", ("open", "mail.other")),
        ("a@evil.example", "https://delta.example@evil.example.org", ("open", "mail.other")),
    ],
)
def test_mail_domain(mail, site, expected):
    assert look("mail_domain", contact_email=mail, answers={"website": site}) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ("passed", "country.agrees")),
        ({"country": "DE"}, ("failed", "country.legal_id")),
        ({"contact_email": "a@delta.de"}, ("open", "country.hints")),
        ({"contact_email": "a@delta.eu"}, ("passed", "country.agrees")),
        ({"answers": {"website": "https://delta.fr"}}, ("open", "country.hints")),
        ({"legal_id": "B 1234", "contact_email": "a@delta.lu"}, ("passed", "country.agrees")),
    ],
)
def test_country(facts, expected):
    assert look("country", **facts) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Other("Tau", "Tau", "LU", "LU 1502-7442"), "open"),
        (Other("Tau", "Tau", "DE", "LU15027442"), "passed"),
        (Other("DELTA S.A.", "DELTA S.A.", "FR", "X 1"), "open"),
        (Other("Dеlta", "Dеlta", "FR", ""), "open"),
        (Other("Deltona", "Deltona", "LU", "B 7"), "passed"),
    ],
)
def test_duplicate(other, expected):
    assert look("duplicate", others=(other,))[0] == expected


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ((), ("passed", "documents.none")),
        ((Paper("a.pdf", TODAY - dt.timedelta(days=365)),), ("passed", "documents.fresh")),
        ((Paper("a.pdf", TODAY), Paper("b.pdf", TODAY - dt.timedelta(days=366))), ("open", "documents.old")),
    ],
)
def test_documents(papers, expected):
    assert look("documents", papers=papers) == expected
    assert look("documents", papers=papers, quarantined=1) == ("open", "documents.waiting")


def office(part, text):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr(part, text)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("ending", "content", "day"),
    [
        ("pdf", b"%PDF-1.7 /CreationDate (D:20190131120000Z) %%EOF", dt.date(2019, 1, 31)),
        ("pdf", b"%PDF-1.7 /CreationDate (D:20191399) %%EOF", None),
        ("pdf", b"%PDF-1.7 %%EOF", None),
        ("docx", office("docProps/core.xml", '<dcterms:created xsi:type="dcterms:W3CDTF">2020-02-29T08:00:00Z</dcterms:created>'), dt.date(2020, 2, 29)),
        ("odt", office("meta.xml", "<meta:creation-date>2021-05-06T07:08:09</meta:creation-date>"), dt.date(2021, 5, 6)),
        ("docx", b"no archive", None),
        ("txt", b"2019-01-31", None),
    ],
)  # fmt: skip
def test_a_file_says_when_it_was_made(ending, content, day):
    assert made_on(ending, content) == day


def test_answers_alone_settle_only_what_the_rule_names():
    asked = rule("answer", passes={"dual_use": ("no",), "gpai": ("no",)})
    assert in_order(asked, {"dual_use": "no"})
    assert in_order(asked, {"dual_use": "no", "gpai": "no"})
    assert not in_order(asked, {"dual_use": "no", "gpai": "yes"})
    assert not in_order(asked, {})
    assert not in_order(rule("answer"), {"dual_use": "no"})
    assert in_order(rule("answer", passes={"dpo_email": ("*",)}), {"dpo_email": "a@b.example"})


def test_the_standard_catalogue_can_be_read_and_says_itself_in_every_language():
    found = read(standard.content())
    assert {"legal_id", "register", "sanctions", "gdpr_agreement"} <= {each.key for each in found}
    assert all(set(each.title) == {"en", "fr", "de"} for each in found)
    assert [each.plain() for each in found] == standard.content()["checks"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"personal_data": "none"}, set()),
        ({"personal_data": "personal"}, {"gdpr_agreement", "dpo"}),
        ({"personal_data": "special"}, {"gdpr_agreement", "dpo", "dpia"}),
        ({"data_class": "restricted"}, {"security"}),
        ({"mandate": "power_of_attorney"}, {"mandate"}),
        ({"transfers": "yes"}, {"transfers"}),
        ({"sector": "energy"}, {"nis2"}),
        ({"ai_role": "both"}, {"ai_act"}),
        ({"pic": "999888777"}, {"pic"}),
    ],
)
def test_which_checks_apply_depends_on_the_answers(answers, expected):
    always = {"legal_id", "register", "country", "mail_domain", "duplicate", "sanctions", "end_use", "documents"}
    assert {each.key for each in standard.catalogue() if applies(each, answers)} - always == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "no list of checks"),
        ({"checks": [{"key": "A B", "method": "manual", "title": {"en": "x"}}]}, "small letters"),
        ({"checks": [{"key": "ab", "method": "magic", "title": {"en": "x"}}]}, "magic"),
        ({"checks": [{"key": "ab", "method": "manual", "title": {"de": "x"}}]}, "no English title"),
        ({"checks": [{"key": "ab", "method": "manual", "title": {"en": "x"}, "valid_days": -1}]}, "valid for 0"),
        ({"checks": [{"key": "ab", "method": "manual", "title": {"en": "x"}, "when": {"a": "b"}}]}, "condition"),
        ({"checks": [{"key": "ab", "method": "manual", "title": {"en": "x"}}] * 2}, "checked twice"),
    ],
)
def test_a_catalogue_that_cannot_be_used_says_what_is_wrong(content, said):
    with pytest.raises(WrongSet, match=said):
        read(content)


def test_a_finding_is_said_with_names_of_countries():
    with translation.override("en"):
        assert (
            sentence("country.legal_id", {"country": "DE", "other": "FR"})
            == "The legal id is of France, and the seat is in Germany."
        )
    assert sentence("", {}) == ""
    assert "unheard" in sentence("unheard.of", {})
