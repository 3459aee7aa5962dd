"""The pages and endpoints of rules: from the first version to the decision, trying it on the past, and its end."""

import pytest
from django.urls import reverse

from resources.models import AutoRule, Grant
from resources.services.decisions import reject_request
from resources.services.rule_decisions import look_at_request
from tenants.models import AuthorityMembership
from tests.factories.resources import make_request, make_rule, playground
from tests.factories.tenants import end_silently

pytestmark = pytest.mark.django_db


def ask(house, amount=2, days=14):
    return make_request(house.project, house.pool, house.owner, amount, days=days, **playground())


def read(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_two_approvers_lead_a_rule_from_the_first_word_to_its_end(client, house):
    client.force_login(house.approver)
    assert "No rule is in force" in read(client, "rules", house.authority.public_id)
    begin = reverse("rule-begin", args=[house.authority.public_id])
    assert client.post(begin, {"rule": "", "own": ""}).status_code == 422
    client.post(begin, {"rule": "", "own": "Small ones"})
    row = AutoRule.objects.get()
    assert (row.slug, row.name, row.set_by) == ("small-ones", "Small ones", house.approver)
    assert client.post(begin, {"rule": "", "own": "Small ones"}).status_code == 422
    read(client, "rule-edit", row.public_id)
    typed = {
        "name": "Small ones", "position": "10", "modes": ["playground"], "tenant_kinds": [house.tenant.kind],
        "kinds": [str(house.pool.kind.public_id)], "max_data_class": "confidential", "max_gpus": "3", "max_gpu_hours": "",
        "max_days": "20", "max_held": "", "keep_free_percent": "5", "only_calm": "on",
    }  # fmt: skip
    assert client.post(reverse("rule-edit", args=[row.public_id]), {**typed, "max_gpus": "0"}).status_code == 422
    assert client.post(reverse("rule-edit", args=[row.public_id]), typed).status_code == 302
    page = read(client, "rule", row.public_id)
    assert "It asks for at most 3 GPUs at once." in page
    assert "You wrote this version" in page
    refused = client.post(reverse("rule-activate", args=[row.public_id]), {"note": "x"})
    assert (refused.status_code, "Another approver" in refused.content.decode()) == (403, True)
    client.force_login(house.second)
    assert "You wrote this version" not in read(client, "rule", row.public_id)
    ask(house)
    assert "it would have approved 1; of these people decided 0 otherwise" in read(
        client, "rule-activate", row.public_id
    )
    assert client.post(reverse("rule-activate", args=[row.public_id]), {"note": "Go"}).status_code == 302
    request = ask(house)
    assert look_at_request(request.pk)
    page = read(client, "rule", row.public_id)
    assert request.reference in page
    assert "It approved 1 request." in read(client, "rules", house.authority.public_id)
    assert client.get(reverse("rule-edit", args=[row.public_id])).status_code == 422
    client.post(reverse("rule-retire", args=[row.public_id]), {"reason": "Enough"})
    assert "Enough" in read(client, "rule", row.public_id)
    assert client.post(reverse("rule-retire", args=[row.public_id]), {"reason": "Again"}).status_code == 422


def test_what_a_rule_decided_names_it_everywhere(client, house):
    rule, request = make_rule(house.authority, house.approver, house.second), ask(house)
    look_at_request(request.pk)
    grant = Grant.objects.get()
    for person, links in ((house.owner, 0), (house.approver, 1)):
        client.force_login(person)
        page = read(client, "request", request.public_id)
        assert f"Rule “{rule.name}”, version 1, {house.authority}; responsible: {house.second}" in page
        assert "Everything that the rule says held" in page
        assert "It asks for at most 4 GPUs at once." in page
        assert page.count(f'href="{reverse("rule", args=[rule.public_id])}"') == links
        assert f"rule “{rule.name}”, version 1" in read(client, "grant", grant.public_id)
        told = client.get(reverse("api-request-detail", args=[request.public_id])).json()["decisions"][0]
        assert (told["rule"]["name"], told["rule"]["version"], told["decider"]) == (
            rule.name, 1, house.second.get_full_name(),
        )  # fmt: skip


def test_why_no_rule_decided_is_for_those_who_decide(client, house):
    make_rule(house.authority, house.approver, house.second, max_gpus=1)
    request = ask(house)
    look_at_request(request.pk)
    client.force_login(house.approver)
    assert "it asks for 2 GPUs at once; the rule gives at most 1" in read(client, "request", request.public_id)
    client.force_login(house.owner)
    assert "the rule gives at most" not in read(client, "request", request.public_id)


def test_a_trial_shows_differences_first(client, house):
    rule = make_rule(house.authority, house.approver)
    same, other = ask(house), ask(house)
    reject_request(acting_user=house.approver, request=other, reason="No")
    client.force_login(house.auditor)
    page = read(client, "rule-trial", rule.public_id, days="30")
    assert page.index(other.reference) < page.index(same.reference)
    assert "Otherwise" in page
    told = client.get(reverse("api-rule-trial", args=[rule.public_id]), {"days": 30}).json()
    assert (told["approved"], told["counts"]) == (2, {"differs": 1, "undecided": 1, "same": 0, "left": 0})
    assert [(row["reference"], row["verdict"]) for row in told["rows"]] == [
        (other.reference, "differs"), (same.reference, "undecided"),
    ]  # fmt: skip
    assert client.get(reverse("api-rule-trial", args=[rule.public_id]), {"days": 0}).status_code == 422


def test_a_rule_that_rests_says_so(client, house):
    rule = make_rule(house.authority, house.approver, house.second)
    end_silently(AuthorityMembership.objects.get(user=house.second))
    client.force_login(house.approver)
    assert "is no longer an approver" in read(client, "rules", house.authority.public_id)
    assert "is no longer an approver" in read(client, "rule", rule.public_id)


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_as_many_queries_for_one_rule_as_for_three(client, house, n, django_assert_num_queries):
    for _number in range(n):
        make_rule(house.authority, house.approver, house.second, kinds=[house.pool.kind.public_id])
    client.force_login(house.auditor)
    client.get("/")
    with django_assert_num_queries(10):
        read(client, "rules", house.authority.public_id)


def test_machines_write_rules_and_a_second_person_puts_them_in_force(client, house):
    def call(method, name, body=None, *args):
        return getattr(client, method)(reverse(name, args=args), body, content_type="application/json")

    client.force_login(house.approver)
    authority = {"authority": str(house.authority.public_id), "slug": "small"}
    made = call("post", "api-rule-list", authority).json()
    assert (made["version"], made["activated_at"], made["written_by"]) == (1, None, house.approver.get_full_name())
    changed = call("put", "api-rule-detail", {"modes": ["playground"], "max_gpus": 3}, made["public_id"])
    assert changed.json()["max_gpus"] == 3
    assert call("put", "api-rule-detail", {"max_gpus": 0}, made["public_id"]).status_code == 422
    assert call("post", "api-rule-activate", {"note": "x"}, made["public_id"]).status_code == 403
    client.force_login(house.second)
    done = call("post", "api-rule-activate", {"note": "Go"}, made["public_id"]).json()
    assert (done["responsible"], done["note"]) == (house.second.get_full_name(), "Go")
    assert call("delete", "api-rule-detail", None, made["public_id"]).status_code == 409
    ended = call("post", "api-rule-retire", {"reason": "Enough"}, made["public_id"]).json()
    assert ended["ended_because"] == "Enough"
    following = call("post", "api-rule-list", authority).json()
    assert (following["version"], following["max_gpus"]) == (2, 3)
    assert call("delete", "api-rule-detail", None, following["public_id"]).status_code == 204
