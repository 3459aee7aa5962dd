from __future__ import annotations

import pytest
from django import forms

from portal.ui.forms import PlainForm
from resources.forms.inventory import ClusterForm, PoolForm
from tests.factories.people import make_admin
from tests.factories.resources import make_cluster, make_pool


class Asking(PlainForm):
    purpose = forms.CharField(label="Purpose", max_length=40)
    amount = forms.IntegerField(label="Number of GPUs", min_value=1, max_value=500)
    short = forms.SlugField(label="Short name", required=False)
    factor = forms.DecimalField(label="Factor in %", decimal_places=2, max_digits=4, required=False)
    kind = forms.ChoiceField(label="Kind in %", choices=[("a", "A")], required=False)
    hours = forms.DecimalField(label="Hours")
    begins = forms.DateField(label="From")
    mail = forms.EmailField(label="Contact")
    size = forms.ChoiceField(label="Size", choices=[("s", "small")])
    agreed = forms.BooleanField(label="I agree")
    own = forms.CharField(label="Own", error_messages={"required": "Said by the form itself."})
    no_label = forms.CharField()
    papers = forms.FileField(label="Papers")


def test_what_is_left_out_is_named():
    assert {name: list(errors) for name, errors in Asking({}).errors.items()} == {
        "purpose": ["“Purpose” is empty: please fill it in."],
        "amount": ["“Number of GPUs” is empty: please fill it in."],
        "hours": ["“Hours” is empty: please fill it in."],
        "begins": ["“From” is empty: please fill it in."],
        "mail": ["“Contact” is empty: please fill it in."],
        "size": ["Nothing is chosen for “Size”: please choose one."],
        "agreed": ["“I agree” is not ticked: please tick it to go on."],
        "own": ["Said by the form itself."],
        "no_label": ["“No label” is empty: please fill it in."],
        "papers": ["No file is chosen for “Papers”: please choose one."],
    }


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("amount", "a dozen", "“Number of GPUs” needs a whole number, such as 16."),
        ("amount", "1.5", "“Number of GPUs” needs a whole number, such as 16."),
        ("hours", "many", "“Hours” needs a number, such as 1.5."),
        ("begins", "2027-02-29", "“From” needs a date that exists, written as 2026-12-31."),
        ("amount", "0", "“Number of GPUs” is 1 at least."),
        ("amount", "501", "“Number of GPUs” is 500 at most."),
        ("purpose", "x" * 41, "“Purpose” is too long: 41 characters, and there is room for 40."),
        (
            "purpose",
            "a\0b",
            "“Purpose” contains a character that cannot be read. Remove it; it often comes along when text is pasted.",
        ),
        ("short", "Ä b", "“Short name” takes letters without accents, digits and hyphens, such as north-1."),
        ("factor", "1.234", "“Factor in %” has too many digits after the point: 2 at most."),
        ("kind", "x", "“Kind in %” does not offer this choice, or no longer: please choose one from the list."),
        ("mail", "somebody", "“Contact” needs an e-mail address, such as name@example.org."),
        ("size", "xl", "“Size” does not offer this choice, or no longer: please choose one from the list."),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(name, typed, says):
    assert list(Asking({name: typed}).errors[name]) == [says]


class Late(PlainForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["late"] = forms.IntegerField(label="How many", min_value=1)


@pytest.mark.parametrize(("typed", "says"), [
    ("zwölf", "“How many” needs a whole number, such as 16."),
    ("0", "“How many” is 1 at least."),
])  # fmt: skip
def test_a_number_typed_wrongly_comes_back_as_it_was_typed(typed, says):
    form = Late({"late": typed})
    assert list(form.errors["late"]) == [says]
    drawn = str(form["late"])
    assert f'value="{typed}"' in drawn
    assert 'type="text"' in drawn
    assert 'inputmode="numeric"' in drawn


def test_the_model_s_own_rules_speak_as_the_form_does(db):
    make_cluster(name="Polar", slug="polar")
    form = ClusterForm({"name": "Polar", "slug": "polar", "overcommit": "1"}, user=make_admin())
    assert list(form.errors["name"]) == ["“Name” is taken already. Choose a different one."]
    pool = PoolForm({"installed": "10", "healthy": "20", "reserved": "0", "overcommit": "0.5",
                     "policy_line_percent": "90"}, user=make_admin(), row=make_pool())  # fmt: skip
    assert {name: list(errors) for name, errors in pool.errors.items()} == {
        "healthy": ["More GPUs cannot be healthy than are installed. Lower “Healthy”, or raise “Installed” first."],
        "overcommit": ["“Over-commit factor” is 1.00 at least."],
    }


class Telling(PlainForm):
    text = forms.CharField(max_length=11, widget=forms.Textarea)


def test_an_end_of_line_counts_as_one_character_as_it_does_in_the_browser():
    form = Telling({"text": "12345\r\n67890"})
    assert (form.is_valid(), form.cleaned_data["text"]) == (True, "12345\n67890")
    assert str(form["text"]).count('maxlength="11"') == 1
    assert Telling({"text": "12345\r\n678901"}).errors["text"] == [
        "“Text” is too long: 12 characters, and there is room for 11."
    ]
