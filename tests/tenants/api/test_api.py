"""The endpoints: the same services, the same cut, refusals as problem+json."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.models import AuthorityMembership, CaseLink, Membership, OnboardingCase, PolicyRule, Project, Tenant
from tenants.services.case_links import go_on
from tests.factories.people import make_admin, make_user
from tests.factories.tenants import (
    case_answers,
    case_facts,
    make_authority,
    make_case,
    make_member,
    make_policy,
    make_project,
    make_staff,
    make_tenant,
    settle_checks,
)

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def api(signed_in):
    def open_api(user):
        client = signed_in(user)

        def call(method, path, body=None):
            return getattr(client, method)(f"{ROOT}/{path}", body, content_type="application/json")

        return call

    return open_api


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return body["code"]


def test_application_from_draft_to_tenant(api):
    authority, person = make_authority(), make_user()
    applicant, officer = api(person), api(make_staff(authority))
    made = applicant("post", "applications/", {"answers": case_answers(), "authority": str(authority.public_id)})
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    one = f"applications/{made.json()['public_id']}/"
    assert officer("get", one).status_code == 404
    assert applicant("post", f"{one}submit/").json()["state"] == "submitted"
    assert officer("post", f"{one}take/").json()["state"] == "in_review"
    assert officer("post", f"{one}ask/", {"reason": "Who signs?"}).json()["state"] == "info_requested"
    assert applicant("post", f"{one}answer/", {"text": "The director."}).json()["state"] == "in_review"
    refused = officer("post", f"{one}approve/", {})
    assert (refused.status_code, problem(refused)) == (422, "tenants.checks_not_in_order")
    assert (officer("get", one).json()["state"], Tenant.objects.count()) == ("in_review", 0)
    settle_checks(OnboardingCase.objects.get())
    done = officer("post", f"{one}approve/", {}).json()
    assert done["state"] == "approved"
    assert done["tenant"] == str(Tenant.objects.get().public_id)
    history = [step["label"] for step in applicant("get", one).json()["history"]]
    assert history == [
        "Draft begun",
        "Sent to the authority",
        "Review begun",
        "The authority asked",
        "Answered",
        "Approved",
    ]


def test_application_may_have_gaps_until_it_is_sent(api):
    authority = make_authority()
    applicant = api(make_user())
    made = applicant(
        "post", "applications/", {"authority": str(authority.public_id), "answers": {"organisation": "Rivers"}}
    )
    assert made.status_code == 201
    refused = applicant("post", f"applications/{made.json()['public_id']}/submit/")
    assert (refused.status_code, problem(refused)) == (422, "tenants.incomplete")
    assert list(refused.json()["fields"]) == ["kind"]


def test_application_to_an_authority_that_is_not_there_names_the_field(api):
    person = make_user()
    make_authority(name="Board")
    assert [row["name"] for row in api(person)("get", "authorities/apply/").json()] == ["Board"]
    body = {"answers": case_facts(), "authority": "00000000-0000-4000-8000-000000000000"}
    refused = api(person)("post", "applications/", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["authority"])


def test_application_keeps_a_wrong_answer_and_says_so_among_the_questions(api):
    applicant = api(make_user())
    body = {"answers": case_answers(legal_id="LU12345614", kind="circus"), "authority": str(make_authority().public_id)}
    made = applicant("post", "applications/", body)
    assert (made.status_code, made.json()["kind"], made.json()["legal_id"]) == (201, "", "")
    one = f"applications/{made.json()['public_id']}/"
    steps = applicant("get", f"{one}questions/").json()
    assert [step["key"] for step in steps] == ["organisation", "people", "data", "use"]
    asked = {each["key"]: each for step in steps for each in step["questions"]}
    assert {key for key, each in asked.items() if each["wrong"]} == {"kind", "legal_id"}
    assert asked["legal_id"]["answer"] == "LU12345614"
    assert applicant("get", one).json()["answers"]["kind"] == "circus"


def test_application_takes_one_answer_at_a_time(api):
    person = make_user()
    case, applicant = make_case("draft", person), api(person)
    one = f"applications/{case.public_id}/"
    after = applicant("put", f"{one}questions/personal_data/", {"value": "special"}).json()
    asked = {each["key"] for step in after for each in step["questions"]}
    assert {"gdpr_role", "dpo_email", "dpia"} <= asked
    refused = applicant("put", f"{one}questions/shoe_size/", {"value": "43"})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["shoe_size"])
    sent = make_case("submitted", person)
    refused = applicant("put", f"applications/{sent.public_id}/questions/purpose/", {"value": "x"})
    assert (refused.status_code, problem(refused)) == (409, "portal.unlawful_move")


def test_application_is_written_by_several_people(api):
    person, other = make_user(), make_user("second@writer.test")
    case, applicant = make_case("draft", person), api(person)
    one = f"applications/{case.public_id}/writers/"
    asked = applicant("post", one, {"email": "second@writer.test"})
    assert (asked.status_code, asked.json()["email"]) == (201, other.email)
    assert [each["email"] for each in applicant("get", one).json()] == [person.email]
    assert api(other)("get", one).status_code == 404  # asked is not come: the link in the mail decides
    waiting = f"applications/{case.public_id}/invitations/"
    assert [each["email"] for each in applicant("get", waiting).json()] == [other.email]
    go_on(acting_user=other, link=CaseLink.objects.get(case=case))
    assert applicant("get", waiting).json() == []
    assert [each["email"] for each in api(other)("get", one).json()] == [person.email, other.email]
    assert api(other)("delete", f"{one}{person.public_id}/").status_code == 204
    assert applicant("get", one).status_code == 404
    refused = api(other)("delete", f"{one}{other.public_id}/")
    assert (refused.status_code, problem(refused)) == (422, "portal.refused")


def test_application_is_changed_while_it_is_a_draft(api):
    person = make_user()
    case = make_case("draft", person)
    body = {"answers": {"organisation": "Lakes"}, "authority": str(case.authority.public_id)}
    assert api(person)("put", f"applications/{case.public_id}/", body).json()["organisation"] == "Lakes"
    sent = make_case("submitted", person)
    refused = api(person)("put", f"applications/{sent.public_id}/", body)
    assert (refused.status_code, problem(refused)) == (409, "portal.unlawful_move")


def test_application_decided_twice_is_a_conflict(api):
    case = make_case("rejected")
    refused = api(make_staff(case.authority))("post", f"applications/{case.public_id}/approve/", {})
    assert (refused.status_code, problem(refused)) == (409, "portal.unlawful_move")
    assert Tenant.objects.count() == 0


def test_application_with_two_persons(api):
    case = make_case("in_review")
    make_policy(case.authority, "onboarding.second_person", 1)
    first, second = api(make_staff(case.authority)), api(make_staff(case.authority))
    one = f"applications/{case.public_id}/"
    assert first("post", f"{one}approve/", {}).json()["state"] == "awaiting_second"
    refused = first("post", f"{one}approve/", {})
    assert (refused.status_code, problem(refused)) == (403, "tenants.four_eyes")
    assert second("post", f"{one}send-back/", {"reason": "Look again."}).json()["state"] == "in_review"
    first("post", f"{one}approve/", {})
    assert second("post", f"{one}approve/", {}).json()["state"] == "approved"


ACTS = ["submit", "answer", "withdraw", "take", "ask", "approve", "reject", "send-back"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("make", [make_user, make_admin, lambda: make_staff(make_authority())])
def test_application_of_others_is_not_there(api, act, make):
    case = make_case("in_review")
    body = {"reason": "x", "text": "x"}
    answer = api(make())("post", f"applications/{case.public_id}/{act}/", body)
    assert (answer.status_code, problem(answer)) == (404, "portal.not_found")
    assert OnboardingCase.objects.get().state == "in_review"


@pytest.mark.parametrize("act", ["take", "ask", "approve", "reject", "send-back"])
def test_application_is_decided_by_no_applicant_and_no_auditor(api, act):
    case = make_case("in_review")
    for user in (case.submitted_by, make_staff(case.authority, "auditor")):
        answer = api(user)("post", f"applications/{case.public_id}/{act}/", {"reason": "x"})
        assert (answer.status_code, problem(answer)) == (403, "portal.forbidden")


def test_nobody_signed_in_is_told_so(client):
    answer = client.get(f"{ROOT}/applications/")
    assert answer.status_code in {401, 403}
    assert problem(answer) == "portal.not_authenticated"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    "path", ["applications", "tenants", "projects", "memberships", "authorities", "policies", "staff", "audit"]
)
def test_lists_cost_three_queries_for_one_and_for_three(api, django_assert_num_queries, path, count):
    authority = make_authority()
    auditor = make_staff(authority, "auditor")
    for version in range(count):
        make_case("in_review", authority=authority)
        tenant = make_tenant(authority=authority)
        make_project(tenant)
        make_member(tenant)
        make_policy(authority, "decision.days", 5, version + 1)
    call = api(auditor)
    call("get", f"{path}/")
    with django_assert_num_queries(3):
        answer = call("get", f"{path}/")
    assert len(answer.json()["results"]) >= (count if path not in {"authorities", "staff"} else 1)


def test_tenant_is_suspended_and_reactivated_by_officers(api):
    tenant = make_tenant()
    officer, owner = api(make_staff(tenant.authority)), api(make_member(tenant, "owner"))
    one = f"tenants/{tenant.public_id}/"
    assert problem(owner("post", f"{one}suspend/", {"reason": "x"})) == "portal.forbidden"
    assert problem(officer("post", f"{one}suspend/", {})) == "portal.fields"
    assert officer("post", f"{one}suspend/", {"reason": "No contact."}).json()["state"] == "suspended"
    assert officer("post", f"{one}reactivate/", {"reason": "Found."}).json()["state"] == "active"


def test_projects_are_opened_and_changed_by_managers(api):
    tenant = make_tenant()
    manager, member = api(make_member(tenant, "project_manager")), api(make_member(tenant))
    body = {"tenant": str(tenant.public_id), "name": "Rivers", "stage": "training", "data_class": "internal"}
    assert problem(member("post", "projects/", body)) == "portal.forbidden"
    assert problem(api(make_member(make_tenant(), "owner"))("post", "projects/", body)) == "portal.not_found"
    made = manager("post", "projects/", body)
    assert made.status_code == 201
    one = f"projects/{made.json()['public_id']}/"
    changed = {"name": "Lakes", "stage": "inference", "data_class": "public"}
    assert problem(member("put", one, changed)) == "portal.forbidden"
    assert manager("put", one, changed).json()["name"] == "Lakes"
    assert Project.objects.get().stage == "inference"


def test_memberships_are_given_and_ended_by_owners(api):
    tenant, user = make_tenant(), make_user("new@tenant.test")
    owner, member = api(make_member(tenant, "owner")), api(make_member(tenant))
    body = {"tenant": str(tenant.public_id), "email": "new@tenant.test", "role": "member"}
    assert problem(member("post", "memberships/", body)) == "portal.forbidden"
    made = owner("post", "memberships/", body)
    assert (made.status_code, made.json()["user"]["email"]) == (201, "new@tenant.test")
    one = f"memberships/{made.json()['public_id']}/"
    assert problem(member("post", f"{one}end/", {})) == "portal.forbidden"
    assert owner("post", f"{one}end/", {}).json()["valid_until"] is not None
    own = Membership.objects.get(role="owner")
    assert problem(owner("post", f"memberships/{own.public_id}/end/", {})) == "tenants.last_owner"
    assert Membership.objects.filter(user=user).count() == 1


def test_authorities_staff_and_policies_are_the_admins(api):
    admin, stranger = api(make_admin()), api(make_user())
    facts = {"name": "Board", "country": "LU", "contact_email": "a@b.test"}
    assert problem(stranger("post", "authorities/", facts)) == "portal.forbidden"
    made = admin("post", "authorities/", facts)
    assert made.status_code == 201
    authority = made.json()["public_id"]
    assert admin("put", f"authorities/{authority}/", {**facts, "region": "South"}).json()["region"] == "South"
    staff = {"authority": authority, "email": "nora@b.test", "full_name": "Nora", "role": "onboarding_officer"}
    assert problem(stranger("post", "staff/", staff)) == "portal.not_found"
    row = admin("post", "staff/", staff)
    assert row.status_code == 201
    officer = api(AuthorityMembership.objects.get().user)
    rule = {"authority": authority, "key": "decision.days", "value": 5, "reason": "New law"}
    assert problem(officer("post", "policies/", rule)) == "portal.forbidden"
    assert admin("post", "policies/", rule).json()["version"] == 1
    assert PolicyRule.objects.get().value == 5
    kinds = {**rule, "key": "onboarding.second_person_kinds", "choices": ["startup", "academia"]}
    assert "value or the choices" in admin("post", "policies/", kinds).content.decode()
    del kinds["value"]
    assert admin("post", "policies/", kinds).json()["choices"] == ["startup", "academia"]
    assert "Choose from: public_agency" in admin("post", "policies/", {**kinds, "choices": ["x"]}).content.decode()
    least = {**kinds, "key": "onboarding.second_person_class"}
    assert admin("post", "policies/", {**least, "choices": ["confidential"]}).json()["value"] == 3
    assert "no other" in admin("post", "policies/", {**least, "choices": ["internal", "restricted"]}).content.decode()
    assert {row["value"] for row in officer("get", "policies/").json()["results"]} == {5, 3, 0b11000}
    assert problem(admin("post", f"staff/{row.json()['public_id']}/end/", {})) == "tenants.last_onboarding_officer"
    admin("post", "staff/", {**staff, "email": "next@b.test"})
    assert admin("post", f"staff/{row.json()['public_id']}/end/", {}).json()["valid_until"] is not None


def test_audit_is_cut_to_who_reads_it(api):
    tenant = make_tenant()
    owner = make_member(tenant, "owner")
    make_member(make_tenant(), "owner")
    rows = api(owner)("get", "audit/").json()["results"]
    assert [(row["act"], row["actor"]) for row in rows] == [("membership.given", None)]
    assert api(owner)("get", f"audit/{rows[0]['id']}/").json()["after"]["role"] == "owner"
    assert api(make_member(tenant))("get", "audit/").json()["results"] == []


def test_the_schema_describes_every_endpoint(signed_in):
    answer = signed_in(make_user()).get(reverse("schema"), headers={"Accept": "application/vnd.oai.openapi+json"})
    paths = answer.json()["paths"]
    names = ["applications", "tenants", "projects", "memberships", "authorities", "policies", "staff", "audit"]
    assert [name for name in names if f"/api/v1/{name}/" not in paths] == []
    assert "/api/v1/applications/{public_id}/send-back/" in paths
