"""The numbers by which the Union knows organisations: right ones of every member state, and each of them broken."""

from __future__ import annotations

import pytest

from tenants.checks.catalogue import CheckRule
from tenants.checks.methods import METHODS, Subject
from tenants.legal_ids import fits_national, is_pic, recognise

VAT = {
    "AT": "ATU13585627", "BE": "BE0428759497", "BG": "BG175074752", "CY": "CY10259033P", "CZ": "CZ25123891",
    "DE": "DE136695976", "DK": "DK13585628", "EE": "EE100931558", "GR": "EL094259216", "ES": "ESA13585625",
    "FI": "FI20774740", "FR": "FR40303265045", "HR": "HR33392005961", "HU": "HU12892312", "IE": "IE6433435F",
    "IT": "IT00743110157", "LT": "LT119511515", "LU": "LU15027442", "LV": "LV40003521600", "MT": "MT11679112",
    "NL": "NL4495445B01", "PL": "PL8567346215", "PT": "PT501964843", "RO": "RO18547290", "SE": "SE123456789701",
    "SI": "SI50223054", "SK": "SK2022749619",
}  # fmt: skip
LEIS = ("213800KUD8LAJWSQ9D15", "5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55")
EUIDS = {
    "DEK1101R.HRB116737": "DE", "FR3502.313527125": "FR", "NLNHR.27262189": "NL", "ITREA.RM-1234567": "IT",
    "SEBOLREG.5560125790": "SE", "LURCS.B123456": "LU", "ELGEMI.123204604000": "GR", "ATFB.123456A_3": "AT",
    "NOBRREG.974760673": "NO",
}  # fmt: skip
LEGAL_ID = CheckRule("legal_id", "legal_id", {"en": "x"})
COUNTRY = CheckRule("country", "country", {"en": "x"})
PIC = CheckRule("pic", "pic", {"en": "x"})


def look(rule, number, country="LU", **answers):
    found = METHODS[rule.method](Subject("Delta", country, number, "x@delta.example", answers), rule)
    return found.outcome, found.code


def broken(number):
    """Each number with one of its digits changed in turn, so that no country's rule can hold for all of them."""
    places = [place for place, each in enumerate(number) if each.isdigit() and place > 1]
    return [number[:p] + str((int(number[p]) + 1) % 10) + number[p + 1 :] for p in places]


def test_the_corpus_has_all_member_states():
    assert len(VAT) == 27


@pytest.mark.parametrize("country", VAT)
def test_vat_number_that_is_right_passes_and_names_its_country(country):
    number = VAT[country]
    assert look(LEGAL_ID, number, country) == ("passed", "legal_id.vat")
    assert recognise(f" {number[:5].lower()} {number[5:]} ").country == country
    assert look(COUNTRY, number, country) == ("passed", "country.agrees")
    assert look(COUNTRY, number, "LU" if country != "LU" else "DE") == ("failed", "country.legal_id")


@pytest.mark.parametrize("country", VAT)
def test_vat_number_with_a_wrong_digit_fails(country):
    outcomes = {look(LEGAL_ID, each, country) for each in broken(VAT[country])}
    assert ("failed", "legal_id.wrong") in outcomes
    found = [each for each in broken(VAT[country]) if look(LEGAL_ID, each, country)[1] == "legal_id.vat"]
    # the last two digits of a Dutch number count the establishments and are in no sum; a Swedish one ends likewise
    assert len(found) <= 2, f"{found} should not all be right"


@pytest.mark.parametrize("number", LEIS)
def test_lei_passes_and_each_wrong_digit_fails(number):
    assert look(LEGAL_ID, number) == ("passed", "legal_id.lei")
    assert {look(LEGAL_ID, each) for each in broken(number)} == {("failed", "legal_id.wrong")}


@pytest.mark.parametrize("number", EUIDS)
def test_euid_passes_and_names_its_country(number):
    assert look(LEGAL_ID, number, EUIDS[number]) == ("passed", "legal_id.euid")
    assert recognise(number.lower()).country == EUIDS[number]
    assert look(COUNTRY, number, EUIDS[number]) == ("passed", "country.agrees")
    assert look(COUNTRY, number, "MT") == ("failed", "country.legal_id")


@pytest.mark.parametrize("number", ["XXK1101R.HRB116737", "DEK1101R HRB116737", "USDEL.5512345"])
def test_what_only_looks_like_an_euid_is_a_register_number(number):
    assert recognise(number).kind == "register"


@pytest.mark.parametrize(("number", "right"), [("999888777", True), ("99988877", False), ("9998887770", False), ("99988877A", False)])  # fmt: skip
def test_pic_has_nine_digits(number, right):
    assert is_pic(number) is right
    assert look(PIC, "B 1", pic=number) == (("passed", "pic.form") if right else ("failed", "pic.wrong"))


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("552 100 554", "FR"), ("FR-SIREN 552100554", "FR"), ("2077474-0", "FI"), ("974 760 673", "NO"),
        ("33392005961", "HR"), ("00743110157", "IT"), ("556016-0680", "SE"), ("10137025", "EE"), ("123456785", "PL"),
        ("Aachen HRA 11223", "DE"),
    ],
)  # fmt: skip
def test_national_number_that_fits_a_rule_of_its_country_passes(number, country):
    assert fits_national(number, country)
    assert look(LEGAL_ID, number, country) == ("passed", "legal_id.national")


@pytest.mark.parametrize(("number", "country"), [("552 100 555", "FR"), ("B 123456", "LU"), ("DE-REG 3307-11", "DE"), ("12345", "US")])  # fmt: skip
def test_national_number_without_a_rule_that_fits_is_left_to_an_officer(number, country):
    assert look(LEGAL_ID, number, country) == ("open", "legal_id.no_rule")


def test_no_number_at_all_fails():
    assert look(LEGAL_ID, "  ") == ("failed", "legal_id.missing")
