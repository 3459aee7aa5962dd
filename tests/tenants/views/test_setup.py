"""The list of what an empty installation needs: each step leads to the form, or says what comes before it."""

import pytest
from django.urls import reverse

from tests.factories.people import make_admin
from tests.factories.resources import make_cluster, make_kind, make_provider
from tests.factories.tenants import make_authority

pytestmark = pytest.mark.django_db


def steps(page):
    return {str(step.label): (done, list(map(str, missing))) for step, done, missing in page.context["steps"]}


def test_steps_lead_to_their_forms_or_say_what_comes_first(signed_in):
    browser = signed_in(make_admin())
    page = browser.get(reverse("setup"))
    assert steps(page) == {
        "An authority": (False, []), "Staff": (False, ["An authority"]), "A provider": (False, []),
        "A GPU kind": (False, []), "A cluster": (False, ["A provider"]), "A pool": (False, ["A cluster", "A GPU kind"]),
        "A share": (False, ["An authority", "A pool"]), "A policy": (False, ["An authority"]),
    }  # fmt: skip
    text = page.content.decode()
    for name in ("authority-new", "provider-new", "kind-new"):
        assert f'href="{reverse(name)}"' in text
    for name in ("cluster-new", "pool-new", "share-new"):
        assert f'href="{reverse(name)}"' not in text
    assert "Comes after: A cluster, A GPU kind" in text


def test_step_opens_when_what_it_needs_is_there(signed_in):
    make_authority()
    make_provider()
    page = signed_in(make_admin()).get(reverse("setup"))
    assert f'href="{reverse("cluster-new")}"' in page.content.decode()
    assert steps(page)["A cluster"] == (False, [])


@pytest.mark.parametrize(("name", "sentence"), [
    ("cluster-new", "A cluster belongs to a provider, and there is none yet."),
    ("pool-new", "A pool belongs to a cluster, and there is none yet."),
])  # fmt: skip
def test_form_opened_too_early_says_what_comes_first(signed_in, name, sentence):
    answer = signed_in(make_admin()).get(reverse(name))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_what_is_for_trials_is_offered_where_it_is_in_use(signed_in):
    make_provider()
    make_kind()
    browser = signed_in(make_admin())
    form = browser.get(reverse("cluster-new")).context["form"]
    assert "fake" not in dict(form.fields["driver"].choices)
    assert "fake" not in dict(form.fields["collector"].choices)
    cluster = make_cluster(driver="fake", collector="fake")
    form = browser.get(reverse("cluster-edit", args=[cluster.public_id])).context["form"]
    assert {"fake"} <= dict(form.fields["driver"].choices).keys() & dict(form.fields["collector"].choices).keys()
