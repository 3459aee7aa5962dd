"""The text of a letter: what may stand in it, and what becomes of it."""

from __future__ import annotations

import pytest

from portal.core.errors import Refused
from portal.core.letters.text import LetterKind, Part, Placeholder, check_wording, fill, letter_kinds, parts, samples

KIND = LetterKind(
    "Test",
    {"name": Placeholder("Name", "Ida"), "items": Placeholder("Items", ["a", "b"]), "until": Placeholder("Until", "May")},
    frozenset({"name"}), "decide", {"en": ("s", "b")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("", "Dear {name}", "subject", "Write both"),
        ("Hello", "  ", "body", "Write both"),
        ("Hello {nobody}", "{name}", "subject", "{nobody}"),
        ("Hello", "{name} {Name}", "body", "curly bracket"),
        ("Hello", "{name} and {", "body", "curly bracket"),
        ("Hello", "{ name }", "body", "curly bracket"),
        ("Hello", "Dear you", "body", "“Name”"),
        ("x" * 201, "{name}", "subject", "200"),
        ("Hello", "{name}" + "x" * 12_000, "body", "12000"),
    ],
)
def test_a_wording_that_cannot_be_written_is_refused_at_its_field(subject, body, field, said):
    with pytest.raises(Refused) as refusal:
        check_wording(KIND, subject, body)
    assert refusal.value.field == field
    assert said in str(refusal.value)


def test_what_is_needed_may_stand_in_the_subject():
    check_wording(KIND, "For {name}", "Hello.")


def test_a_paragraph_of_what_there_is_not_is_left_out():
    body = "Dear {name},\n\nuntil {until} you may appeal.\n\n{items}\n\nBye."
    assert fill("To {name}", body, {"name": "Ida", "until": "", "items": []}).body == "Dear Ida,\n\nBye."


def test_several_facts_become_a_list_where_they_stand_alone_and_words_elsewhere():
    written = fill("s", "{items}\n\nAll of {items}.", {"items": ["one", "two"]})
    assert written.body == "- one\n- two\n\nAll of one, two."


def test_a_fact_cannot_write_between_the_lines():
    written = fill("For {name}", "Dear {name},\n\n{until}", {"name": "A\n\n- B\u202e", "until": "x\n\ny\u2066z"})
    assert (written.subject, written.body) == ("For A - B", "Dear A - B,\n\nx\n\nyz")


def test_a_fact_with_a_placeholder_in_it_is_not_filled_again():
    assert fill("s", "{name}", {"name": "{until}", "until": "never"}).body == "{until}"


def test_parts_are_paragraphs_and_lists():
    assert parts("One\ntwo\n\nIntro:\n- a\n  more\n- b\n\nEnd") == [
        Part("One\ntwo"), Part("Intro:"), Part(items=("a more", "b")), Part("End"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, _kind in letter_kinds.items()])
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_portals_own_wordings_can_be_written_and_leave_no_placeholder(name, language):
    kind = letter_kinds[name]
    subject, body = kind.texts[language]
    check_wording(kind, subject, body)
    written = fill(subject, body, samples(kind))
    assert "{" not in written.subject + written.body
    unsaid = {mark for mark in kind.placeholders if f"{{{mark}}}" not in subject + body} - {"portal", "authority"}
    assert unsaid <= {"asked"}


def test_the_kinds_are_those_of_applications_and_requests():
    assert [name for name, _kind in letter_kinds.items()] == [
        "case.approved", "case.conditionally_approved", "case.rejected",
        "request.approved", "request.partially_approved", "request.rejected",
    ]  # fmt: skip
