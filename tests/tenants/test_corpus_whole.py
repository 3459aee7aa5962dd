"""The whole way of difficult texts: typed, kept, sent, read by an officer, exported and printed; nothing of them is lost."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from portal.core.errors import Refused
from tenants.models import OnboardingCase
from tenants.queries.questions import answers_of, last_submission, open_questions
from tenants.questions import standard
from tenants.questions.answers import WrongAnswer, clean
from tenants.questions.schema import read
from tenants.services import onboarding
from tenants.services.admission import reject_case
from tenants.services.answers import keep_answer
from tests.factories.people import make_user
from tests.factories.tenants import case_answers, make_authority, make_staff
from tests.pdf import text_of

pytestmark = pytest.mark.django_db
ALPHABETS = {
    "bg": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯ", "cs": "AÁBCČDĎEÉĚFGHIÍJKLMNŇOÓPQRŘSŠTŤUÚŮVWXYÝZŽ", "da": "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ",
    "de": "AÄBCDEFGHIJKLMNOÖPQRSẞTUÜVWXYZ", "el": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏΪΫ", "en": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "es": "AÁBCDEÉFGHIÍJKLMNÑOÓPQRSTUÚÜVWXYZ", "et": "ABCDEFGHIJKLMNOPQRSŠZŽTUVWÕÄÖÜXY", "fi": "ABCDEFGHIJKLMNOPQRSŠTUVWXYZŽÅÄÖ",
    "fr": "AÀÂÆBCÇDEÉÈÊËFGHIÎÏJKLMNOÔŒPQRSTUÙÛÜVWXYŸZ", "ga": "AÁBCDEÉFGHIÍLMNOÓPRSTUÚ", "hr": "ABCČĆDĐEFGHIJKLMNOPRSŠTUVZŽ",
    "hu": "AÁBCDEÉFGHIÍJKLMNOÓÖŐPQRSTUÚÜŰVWXYZ", "it": "AÀBCDEÈÉFGHIÌJKLMNOÒPQRSTUÙVWXYZ", "lt": "AĄBCČDEĘĖFGHIĮYJKLMNOPRSŠTUŲŪVZŽ",
    "lv": "AĀBCČDEĒFGĢHIĪJKĶLĻMNŅOPRSŠTUŪVZŽ", "mt": "ABĊDEFĠGĦHIJKLMNOPQRSTUVWXŻZ", "nl": "ABCDEËFGHIÏJKLMNOÖPQRSTUÜVWXYZ",
    "pl": "AĄBCĆDEĘFGHIJKLŁMNŃOÓPRSŚTUWYZŹŻ", "pt": "AÁÂÃÀBCÇDEÉÊFGHIÍJKLMNOÓÔÕPQRSTUÚVWXYZ", "ro": "AĂÂBCDEFGHIÎJKLMNOPQRSȘTȚUVWXYZ",
    "sk": "AÁÄBCČDĎEÉFGHIÍJKLĹĽMNŇOÓÔPQRŔSŠTŤUÚVWXYÝZŽ", "sl": "ABCČDEFGHIJKLMNOPRSŠTUVZŽ", "sv": "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ",
}  # fmt: skip
"""Every letter of the twenty-four official languages; the names below have each of them large and small."""
TRICKS = {
    "Bank\u200bAlpha": "invisible character", "Alpha \u202ednuof": "invisible character", "Bank\u2066Alpha": "invisible character",
    "B\u0430nk Alpha": "letters of two alphabets", "Alpha\u3164": "invisible",
}  # fmt: skip


def sent(**facts):
    """An application with these answers, through the services, and who wrote it."""
    writer = make_user()
    case = onboarding.draft_case(acting_user=writer, authority=make_authority(), facts=case_answers(**facts))
    return onboarding.submit_case(acting_user=writer, case=case), writer


def test_there_is_an_alphabet_of_every_official_language():
    assert len(ALPHABETS) == 24


@pytest.mark.parametrize("language", ALPHABETS)
def test_a_name_in_every_letter_of_a_language_comes_through_whole(signed_in, language):
    letters = ALPHABETS[language]
    name = f"{letters} {letters.lower()}"
    case, writer = sent(organisation=unicodedata.normalize("NFD", name))  # as some keyboards write it
    assert OnboardingCase.objects.get(pk=case.pk).organisation == name
    officer = make_staff(case.authority)
    reader = signed_in(officer)
    assert name in reader.get(reverse("case", args=[case.public_id])).content.decode()
    assert name in reader.get(reverse("cases"), {"q": letters[3:9].lower()}).content.decode()
    assert name in reader.get(reverse("cases"), {"format": "csv"}).content.decode()
    reject_case(acting_user=officer, case=case, reason="Not yet.")
    letter = case.letters.get()
    assert name in letter.body + letter.subject
    printed = "".join(text_of(bytes(letter.pdf)).split())
    assert all(each in printed for each in letters + letters.lower() if not each.isspace())
    assert signed_in(writer).get(reverse("letter", args=[letter.public_id])).status_code == 200


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_with_a_trick_is_kept_as_typed_told_and_not_sent(name):
    writer = make_user()
    case = onboarding.draft_case(acting_user=writer, authority=make_authority(), facts=case_answers(organisation=name))
    assert answers_of(case)["organisation"] == name
    (gap,) = open_questions(case)
    assert (gap.question.key, TRICKS[name] in gap.sentence) == ("organisation", True)
    with pytest.raises(Refused, match=TRICKS[name]) as refused:
        onboarding.submit_case(acting_user=writer, case=case)
    assert refused.value.field == "organisation"
    assert OnboardingCase.objects.get(pk=case.pk).state == "draft"


def test_ten_thousand_characters_come_through_whole_and_more_are_counted_and_kept(signed_in):
    question = read(standard.content()).question("purpose")
    assert question is not None
    text = ("Größe, Ωmega, жизнь & <b>עברית</b>\n" * 400)[: question.limit].strip().ljust(question.limit, "x")
    case, writer = sent(purpose=text)
    submission = last_submission(case)
    assert submission is not None
    assert submission.answers["purpose"] == case.purpose == text
    page = signed_in(make_staff(case.authority)).get(reverse("case", args=[case.public_id])).content.decode()
    assert escape(text) in page
    draft = onboarding.draft_case(acting_user=writer, authority=case.authority, facts=case_answers())
    keep_answer(acting_user=writer, case=draft, key="purpose", value="ä" * 9_999 + "ö")
    assert answers_of(draft)["purpose"] == "ä" * 9_999 + "ö"
    assert f"10000 characters; {question.limit} fit" in open_questions(draft)[0].sentence
    shown = signed_in(writer).get(reverse("case-write", args=[draft.public_id, "use"])).content.decode()
    assert "ä" * 9_999 + "ö" in shown


def test_a_day_before_its_law_is_told_the_day_of_the_law():
    found = {
        question.key: question
        for step in read(standard.content()).steps
        for question in step.questions
        if question.kind == "date" and question.earliest[:1].isdigit()
    }
    assert found
    for question in found.values():
        first = date.fromisoformat(question.earliest)
        assert clean(question, question.earliest) == question.earliest
        for day in (first - timedelta(days=1), date(1957, 3, 25)):
            with pytest.raises(WrongAnswer, match=f"may not be before {question.earliest}"):
                clean(question, day.isoformat())
