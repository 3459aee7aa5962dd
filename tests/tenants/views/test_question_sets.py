"""Question sets of an authority in the browser: begin, change, preview, publish."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.models import OnboardingCase, QuestionSet
from tenants.services.question_sets import begin_set
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(signed_in):
    authority = make_authority()
    officer = make_staff(authority)
    return authority, signed_in(officer), officer


@pytest.fixture
def drafted(office):
    authority, client, officer = office
    return begin_set(acting_user=officer, authority=authority), client


def at(name, row, *more):
    return reverse(name, args=[row.public_id, *more])


def keys(row) -> list[str]:
    return [each.key for each in QuestionSet.objects.get(pk=row.pk).questionnaire]


def choices(*values):
    return {"options_value": list(values), "options_en": [value.title() for value in values]}


NEW = {
    "step": "use", "key": "energy_plan", "kind": "choice", "label_en": "Which energy plan?", "label_fr": "Quel plan ?",
    "options_value": ["wind", "sun", ""], "options_en": ["Wind", "Sun", ""], "options_fr": ["Éolien", "", ""],
    "when_key": ["sector", ""], "when_answers": ["energy, water", ""], "required": "on",
}  # fmt: skip


def test_begin_change_and_publish_asks_it_of_the_next_applicant(office, signed_in):
    authority, client, _officer = office
    before = make_case("draft", authority=authority)
    client.post(at("questions-begin", authority))
    row = QuestionSet.objects.get(authority=authority)
    assert client.post(at("question-new", row), NEW)["Location"] == at("question-set", row)
    client.post(at("question-set-publish", row), {"note": "Energy plans"})
    assert "Energy plans" in client.get(at("questions", authority)).content.decode()
    body = {"authority": str(authority.public_id), "organisation": "Rivers", "kind": "academia"}
    signed_in(make_user()).post(reverse("case-apply"), body)
    fresh = OnboardingCase.objects.get(organisation="Rivers")
    assert fresh.question_set == row
    asked = fresh.question_set.questionnaire.question("energy_plan")
    assert (asked.when, asked.option("sun"), asked.required) == ({"sector": ("energy", "water")}, "Sun", True)
    before.refresh_from_db()
    assert before.question_set is None


def test_begin_twice_goes_on_with_the_same_version(drafted):
    row, client = drafted
    client.post(at("questions-begin", row.authority))
    assert QuestionSet.objects.filter(authority=row.authority).count() == 1


def test_a_question_is_shown_as_it_is_and_changed(drafted):
    row, client = drafted
    page = at("question-edit", row, "court_rules")
    text = client.get(page).content.decode()
    assert ('value="gdpr"' in text, 'value="justice"' in text) == (
        True,
        True,
    )
    client.post(page, {"label_en": "Rules?", "kind": "choice", **choices("a")})
    asked = QuestionSet.objects.get(pk=row.pk).questionnaire.question("court_rules")
    assert (asked.label, asked.when, asked.required) == ({"en": "Rules?"}, {}, False)


def test_a_question_that_decisions_rest_on_keeps_its_kind_and_stays(drafted):
    row, client = drafted
    text = client.get(at("question-edit", row, "data_class")).content.decode()
    assert ('name="kind"' in text, 'name="required"' in text) == (False, False)
    body = {"label_en": "How secret?", **choices("public", "internal", "confidential", "restricted", "magic")}
    answer = client.post(at("question-edit", row, "data_class"), body)
    assert answer.status_code == 422
    assert "only their texts may change" in answer.content.decode()
    assert client.post(at("question-move", row, "data_class"), {"then": "remove"}).status_code == 422
    assert "data_class" in keys(row)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [({"key": "sector"}, "is asked twice"), ({"step": "people", "when_key": ["data_class"]}, "is not asked before it"),
     ({"options_value": [], "options_en": [], "options_fr": []}, "offers no choices"), ({"options_en": [""]}, "has no English text"),
     ({"when_answers": ["gold"]}, "which that does not offer"), ({"key": "Energy plan"}, "Short name"),
     ({"when_key": ["purpse"]}, "Row 1, Question: choose one of the list."),
     ({"when_key": ["sector", "sector"], "when_answers": ["energy", "water"]}, "Row 2, Question: “sector” stands in a row before."),
     ({"when_key": [""]}, "Row 1, Question: fill it in, or leave the whole row empty."),
     ({"when_answers": [""]}, "Row 1, Answers: fill it in"), ({"options_value": ["", "sun"]}, "Row 1, Short name: fill it in"),
     ({"options_value": ["sun", "sun"]}, "Row 2, Short name: “sun” stands in a row before."),
     ({"advice_en": ["Watch out."], "advice_what": ["wind"]}, "Row 1, Shown: fill it in"),
     ({"options_en": ["W" * 401]}, "Row 1, In English: at most 400 characters"),
     ({"options_value": [f"v{n}" for n in range(61)]}, "There are 61 rows; at most 60 are kept.")],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_with_what_was_typed(drafted, facts, sentence):
    row, client = drafted
    answer = client.post(at("question-new", row), {**NEW, **facts})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Which energy plan?" in answer.content.decode()
    assert "energy_plan" not in keys(row)


def test_questions_move_up_and_down_and_out(drafted):
    row, client = drafted
    first, second = keys(row)[3:5]
    client.post(at("question-move", row, second), {"then": "up"})
    assert keys(row)[3:5] == [second, first]
    client.post(at("question-move", row, second), {"then": "down"})
    assert keys(row)[3:5] == [first, second]
    client.post(at("question-move", row, keys(row)[0]), {"then": "up"})
    assert keys(row)[3:5] == [first, second]
    client.post(at("question-move", row, "website"), {"then": "remove"})
    assert "website" not in keys(row)
    assert client.post(at("question-move", row, "dpa_signed"), {"then": "remove"}).status_code == 422


def test_preview_asks_by_the_answers_and_keeps_nothing(drafted):
    row, client = drafted
    assert "id_gdpr_role" not in client.get(at("question-preview", row)).content.decode()
    text = client.get(
        at("question-preview", row), {"personal_data": "special", "residency": ["FR", "LU"]}
    ).content.decode()
    assert ("id_gdpr_role" in text, "id_dpia_" in text) == (True, True)


def test_what_is_published_is_not_edited(drafted):
    row, client = drafted
    assert client.post(at("question-set-publish", row), {"note": " "}).status_code == 422
    client.post(at("question-set-publish", row), {"note": "First"})
    for page in (at("question-new", row), at("question-edit", row, "sector"), at("question-set-publish", row)):
        assert client.get(page).status_code == 422
    assert client.post(at("question-move", row, "sector"), {"then": "up"}).status_code == 422
    assert at("question-edit", row, "sector") not in client.get(at("question-set", row)).content.decode()


def test_a_version_is_given_up(drafted):
    row, client = drafted
    assert client.post(at("question-set-drop", row))["Location"] == at("questions", row.authority)
    assert not QuestionSet.objects.filter(pk=row.pk).exists()


def test_others_read_or_see_nothing(drafted, signed_in):
    row, _client = drafted
    auditor = signed_in(make_staff(row.authority, "auditor"))
    assert auditor.get(at("question-set", row)).status_code == 200
    assert auditor.get(at("question-new", row)).status_code == 403
    assert auditor.post(at("questions-begin", row.authority)).status_code == 403
    stranger = signed_in(make_staff(make_authority()))
    for page in (at("question-set", row), at("question-new", row), at("questions", row.authority)):
        assert stranger.get(page).status_code == 404


def test_what_the_law_says_is_shown_as_rows_and_kept_as_data(drafted):
    row, client = drafted
    page = at("question-edit", row, "training_flop")
    text = client.get(page).content.decode()
    assert ('value="1e25"' in text, 'value="(EU) 2024/1689, 51(2)"' in text, 'value="A model trained' in text) == (
        True, True, True,
    )  # fmt: skip
    law = {
        "advice_about": ["least", "before"], "advice_what": ["1e26", "2020-01-01"], "advice_source": ["(EU) 2029/1, 3", ""],
        "advice_en": ["Threshold of 2029.", "Old."],
    }  # fmt: skip
    client.post(page, {"label_en": "Compute", "kind": "number", "when_key": "gpai", "when_answers": "yes", **law})
    asked = QuestionSet.objects.get(pk=row.pk).questionnaire.question("training_flop")
    assert [(each.least, each.before, each.source, each.text) for each in asked.advice] == [
        ("1e26", "", "(EU) 2029/1, 3", {"en": "Threshold of 2029."}), ("", "2020-01-01", "", {"en": "Old."}),
    ]  # fmt: skip


def test_a_day_of_law_is_moved_by_the_authority(drafted):
    row, client = drafted
    page = at("question-edit", row, "dpa_date")
    assert 'value="2018-05-25"' in client.get(page).content.decode()
    body = {
        "label_en": "Signed on",
        "kind": "date",
        "when_key": "dpa_signed",
        "when_answers": "yes",
        "earliest": "2027-01-01",
        "latest": "today",
    }
    client.post(page, body)
    asked = QuestionSet.objects.get(pk=row.pk).questionnaire.question("dpa_date")
    assert (asked.earliest, asked.latest) == ("2027-01-01", "today")


def test_documents_are_asked_for_like_anything_else_and_previewed(drafted):
    row, client = drafted
    body = {**NEW, "key": "energy_bill", "kind": "file", "label_en": "Your last bill", "most": "4"}
    assert client.post(at("question-new", row), body)["Location"] == at("question-set", row)
    asked = QuestionSet.objects.get(pk=row.pk).questionnaire.question("energy_bill")
    assert (asked.kind, asked.most_files, asked.many) == ("file", 4, True)
    text = client.get(at("question-preview", row), {"sector": "energy"}).content.decode()
    assert ("Your last bill" in text, 'type="file"' in text, "data-upload" in text) == (True, True, False)
