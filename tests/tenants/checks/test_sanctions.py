"""The Union's list, read as a stream, and names asked of it."""

from __future__ import annotations

import io

import pytest

from tenants.checks.sanctions import Header, Index, Spelling, WrongList, read

HEAD = '<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-05-04T12:00:00.000+02:00" globalFileId="152234">'
BODY = (
    '<sanctionEntity euReferenceNumber="EU.1.1" logicalId="13"><remark>x</remark><subjectType code="enterprise"/>'
    '<nameAlias wholeName="Vostrel Trading House"/><nameAlias wholeName="Торговый дом Вострел"/>'
    '<nameAlias wholeName="Vostrel Trading House"/></sanctionEntity>'
    '<sanctionEntity logicalId="17"><subjectType code="person"/>'
    '<nameAlias firstName="Ilarion" middleName="" lastName="Vostrelov" wholeName=""/><nameAlias wholeName="  "/></sanctionEntity>'
)  # fmt: skip


def parts(text):
    return list(read(io.BytesIO(text.encode())))


def test_read_gives_the_header_and_every_spelling_once():
    header, *names = parts(f"{HEAD}{BODY}</export>")
    assert isinstance(header, Header)
    assert (header.version, header.published.isoformat()) == ("152234", "2026-05-04T12:00:00+02:00")
    assert names == [
        Spelling("13", "EU.1.1", "enterprise", "Vostrel Trading House"),
        Spelling("13", "EU.1.1", "enterprise", "Торговый дом Вострел"),
        Spelling("17", "", "person", "Ilarion Vostrelov"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no proper XML"),
        (f"{HEAD}{BODY}", "no proper XML"),
        (f"{HEAD}{BODY[:100]}", "no proper XML"),
        ("<html><body/></html>", "begins with “html”"),
        ("<export/>", "when it was made"),
        ('<export generationDate="yesterday"/>', "when it was made"),
        (f'<!DOCTYPE x [<!ENTITY a "b">]>{HEAD}&a;</export>', "no proper XML"),
    ],
)
def test_a_file_that_is_no_whole_list_is_told(text, said):
    with pytest.raises(WrongList, match=said):
        parts(text)


def index():
    return Index(each for each in parts(f"{HEAD}{BODY}</export>") if isinstance(each, Spelling))


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("Vostrel Trading House", "13"), ("VOSTREL TRADING HOUSE LTD", "13"), ("Vostrel Trading  Hause", "13"),
        ("Trading House Vostrel", "13"), ("Vоstrel Trading House", "13"), ("Vos\u200btrel Trading House", "13"),
        ("Торговый Дом Вострел ООО", "13"), ("Vostrel Trading House Luxembourg", "13"), ("Ilarion Vostrelov", "17"),
        ("VOSTRELOV Ilarion", "17"), ("Иларион Вострелов", "17"), ("Ilarion Vostrelow", "17"),
    ],
)  # fmt: skip
def test_ask_finds_whoever_is_meant(name, entity):
    hits = index().ask(["Delta Works", name], 80)
    assert [hit.entity for hit in hits] == [entity]


@pytest.mark.parametrize("name", ["Trading House", "Delta Works", "Vostok Energy", "Ilar", "", "Ωmega", "شركة النور"])
def test_ask_finds_nobody_else(name):
    assert index().ask([name], 80) == []


def test_ask_goes_by_the_threshold():
    near = "Ilarion Wostrelow"
    assert index().ask([near], 100) == []
    found = index().ask([near], 50)
    assert [hit.entity for hit in found] == ["17"]
    assert 50 <= found[0].percent < 100
