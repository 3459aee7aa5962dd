from __future__ import annotations

import pytest
from django import forms

from portal.ui.forms import PlainForm


class Asking(PlainForm):
    purpose = forms.CharField(label="Purpose")
    amount = forms.IntegerField(label="Number of GPUs")
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
        ("mail", "somebody", "“Contact” needs an e-mail address, such as name@example.org."),
        ("size", "xl", "“Size” does not offer this choice, or no longer: please choose one from the list."),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(name, typed, says):
    assert list(Asking({name: typed}).errors[name]) == [says]
