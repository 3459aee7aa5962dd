"""The endpoints of tenants: the same rows and rights as the pages."""

from __future__ import annotations

from tenants.models import Trail
from tests.matrix.doors import Row, Thing
from tests.matrix.people import ADMIN, HOUSES, IN_THE_RECORD, NOBODY, case, office, tenant
from tests.matrix.rows.of import Who, nobody, of_cases, of_houses, of_named, page, row
from tests.matrix.rows.tenants import (
    NORTH,
    SHOWN_CASES,
    SHOWN_TENANTS,
    applicant,
    authorities,
    conditions,
    deciding,
    documents,
    letters,
    member_of,
    members,
    of_checks,
    of_mapping,
    of_tenant_claims,
    officer,
    officials,
    owner,
    questions,
    reads_claims,
    rest,
    sees_authority,
    self_and_admin,
    staff,
    staff_of,
    stock_texts,
    watching,
    with_more,
)
from tests.world import World


def dry_run_of(key):
    return lambda world: f"?tenant={world.houses[key].tenant.public_id}"


def act_on_case(may: Who, sees: Who) -> Row:
    return row(of_cases(may, sees), gets=False)


def act_on_tenant(may: Who) -> Row:
    return row(of_houses(lambda h: h.tenant, may, rest(may, tenant)), gets=False)


def policies(world: World):
    return {name: authority.policy_rules.get() for name, authority in world.authorities.items()}


def wordings(world: World):
    """A wording of each authority."""
    facts = {
        "kind": "case.approved",
        "language": "en",
        "subject": "Of {organisation}",
        "body": "{reference}",
        "note": "Ours",
    }
    return {
        name: authority.letter_templates.get_or_create(**facts, defaults={"set_by": world.people[f"{name} officer"]})[0]
        for name, authority in world.authorities.items()
    }


def events() -> tuple[Thing, ...]:
    """The first event in the trail of each tenant."""
    return tuple(
        Thing(
            key,
            lambda world, key=key: {
                "pk": Trail.objects.filter(tenant_id=world.houses[key].tenant.pk).earliest("pk").pk
            },
            owner(key) | office(key, "auditor"),
        )
        for key in HOUSES
    )


APPLICANT = act_on_case(applicant, officials)
OFFICER = act_on_case(officer, rest(officer, case))
ON_CHECK = row(of_checks(officer, rest(officer, officials)), gets=False)

WEBHOOKS = of_named(lambda world: world.webhooks, {key: (owner(key), NOBODY) for key in HOUSES})
ROWS = {
    "api-application-list": row(page(), shows={**SHOWN_CASES, "drafting": applicant("drafting")}),
    "api-application-detail": row(of_cases(case)),
    "api-application-questions": row(of_cases(applicant, officials)),
    "api-application-keep": row(*with_more(of_cases(applicant, officials), {"key": "purpose"}), gets=False),
    "api-application-writers": row(of_cases(applicant, officials)),
    "api-application-remove-writer": row(
        *with_more(of_cases(applicant, officials), {"person": "00000000-0000-4000-8000-000000000000"}), gets=False
    ),
    "api-application-standing": row(of_cases(applicant, officials)),
    "api-application-invitations": row(of_cases(applicant, officials)),
    "api-application-take-back": row(
        *with_more(of_cases(applicant, officials), {"invitation": "00000000-0000-4000-8000-000000000000"}), gets=False
    ),
    "api-application-submit": APPLICANT,
    "api-application-answer": APPLICANT,
    "api-application-withdraw": APPLICANT,
    "api-application-documents": APPLICANT,
    "api-document-list": row(page(), shows={**SHOWN_CASES, "drafting": applicant("drafting")}),
    "api-document-detail": row(documents(case)),
    "api-document-content": row(documents(case)),
    "api-application-appeal": APPLICANT,
    "api-application-grounds": row(of_cases(officer, rest(officer, case))),
    "api-application-effect": row(*with_more(of_cases(officer, rest(officer, case)), {"outcome": "approve"})),
    "api-condition-list": row(page(), shows=SHOWN_CASES),
    "api-condition-detail": row(conditions(case, nobody)),
    "api-condition-met": row(conditions(officer, rest(officer, case)), gets=False),
    "api-stock-text-list": row(page()),
    "api-stock-text-detail": row(
        of_named(stock_texts, {n: ({f"{n} officer", f"{n} auditor"}, NOBODY) for n in ("north", "south")})
    ),
    "api-letter-list": row(page(), shows=SHOWN_CASES),
    "api-letter-detail": row(letters(case)),
    "api-letter-content": row(letters(case)),
    "api-letter-template-list": row(page()),
    "api-letter-template-kinds": row(page()),
    "api-letter-template-detail": row(
        of_named(wordings, {n: (ADMIN | staff_of(n), NOBODY) for n in ("north", "south")})
    ),
    "api-application-checks": row(of_cases(case)),
    "api-check-list": row(page(), shows={key: officials(key) for key in ("asking", "elsewhere")}),
    "api-check-detail": row(of_checks(officials)),
    "api-check-result": ON_CHECK,
    "api-check-propose": ON_CHECK,
    "api-check-confirm": ON_CHECK,
    "api-check-decline": ON_CHECK,
    "api-check-again": ON_CHECK,
    "api-check-rules-list": row(page()),
    "api-check-rules-detail": row(
        of_named(authorities, {name: (ADMIN | sees_authority(name), NOBODY) for name in ("north", "south")})
    ),
    "api-application-take": OFFICER,
    "api-application-assign": OFFICER,
    "api-application-officers": row(of_cases(officer, rest(officer, case))),
    "api-application-note": OFFICER,
    "api-application-ask": OFFICER,
    "api-application-approve": OFFICER,
    "api-application-reject": OFFICER,
    "api-application-send-back": OFFICER,
    "api-question-set-list": row(page()),
    "api-question-set-detail": row(*questions(lambda name: staff_of(name) | ADMIN, nobody)),
    "api-question-set-publish": row(*questions(deciding, watching), gets=False),
    "api-tenant-list": row(page(), shows=SHOWN_TENANTS),
    "api-tenant-detail": row(of_houses(lambda h: h.tenant, tenant)),
    "api-tenant-suspend": act_on_tenant(officer),
    "api-tenant-reactivate": act_on_tenant(officer),
    "api-project-list": row(page(), shows=SHOWN_TENANTS),
    "api-project-detail": row(of_houses(lambda h: h.project, tenant)),
    "api-membership-list": row(page(), tells={"one": frozenset({"ended"})}),  # their own past membership
    "api-membership-detail": row(of_named(members, {key: (tenant(key), NOBODY) for key in HOUSES})),
    "api-membership-end": row(
        of_named(members, {key: (owner(key), tenant(key) - owner(key)) for key in HOUSES}), gets=False
    ),
    "api-membership-change": row(
        of_named(members, {key: (owner(key), tenant(key) - owner(key)) for key in HOUSES}), gets=False
    ),
    "api-authority-list": row(page()),
    "api-authority-take-applications": row(page()),
    "api-authority-detail": row(
        of_named(authorities, {name: (ADMIN | sees_authority(name), NOBODY) for name in ("north", "south")})
    ),
    "api-policy-list": row(page()),
    "api-policy-detail": row(
        of_named(
            policies, {name: (ADMIN | office(key), NOBODY) for name, key in (("north", "one"), ("south", "three"))}
        )
    ),
    "api-staff-list": row(page()),
    "api-staff-reset-second-factor": row(page(ADMIN, other=403), gets=False),
    "api-staff-detail": row(
        of_named(staff, {name: (ADMIN | office(key), NOBODY) for name, key in (("north", "one"), ("south", "three"))})
    ),
    "api-staff-end": row(
        of_named(staff, {n: (self_and_admin(n), member_of(n) - self_and_admin(n)) for n in ("north", "south")}),
        gets=False,
    ),
    "api-staff-change": row(of_named(staff, {n: (ADMIN, member_of(n)) for n in ("north", "south")}), gets=False),
    "api-staff-delegate": row(
        of_named(staff, {n: ({f"{n} officer"}, (ADMIN | member_of(n)) - {f"{n} officer"}) for n in ("north", "south")}),
        gets=False,
    ),
    "api-claim-list": row(page()),
    "api-claim-detail": row(of_mapping(ADMIN | NORTH)),
    "api-claim-end": row(of_mapping(ADMIN), gets=False),
    "api-claim-dry-run": row(page(ADMIN, other=403)),
    "api-tenant-claim-list": row(page()),
    "api-tenant-claim-detail": row(of_tenant_claims(reads_claims)),
    "api-tenant-claim-end": row(of_tenant_claims(owner), gets=False),
    "api-tenant-claim-dry-run": row(
        tuple(
            Thing(key, lambda _world: {}, owner(key), tenant(key) - owner(key), query=dry_run_of(key)) for key in HOUSES
        )
    ),
    "api-token-list": row(page(), shows={key: owner(key) for key in HOUSES}),
    "api-token-detail": row(of_named(lambda world: world.tokens, {key: (owner(key), NOBODY) for key in HOUSES})),
    "api-webhook-list": row(page(), shows={key: owner(key) for key in HOUSES}),
    "api-webhook-detail": row(WEBHOOKS),
    "api-webhook-deliveries": row(WEBHOOKS),
    **{f"api-webhook-{each}": row(WEBHOOKS, gets=False) for each in ("secret", "test", "pause", "resume", "again")},
    "api-token-revoke": row(
        of_named(lambda world: world.tokens, {key: (owner(key), NOBODY) for key in HOUSES}), gets=False
    ),
    "api-audit-list": row(
        page(),
        shows={key: owner(key) | office(key, "auditor") for key in HOUSES},
        tells=IN_THE_RECORD,
    ),
    "api-audit-export": row(
        page(),
        shows={key: owner(key) | office(key, "auditor") for key in HOUSES},
        tells=IN_THE_RECORD,
    ),
    "api-audit-proof": row(page()),
    "api-audit-detail": row(*events()),
}
