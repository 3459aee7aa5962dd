"""What of this app stands behind the database's second wall, and whose tenants and cases a person's scope holds."""

from __future__ import annotations

from portal.core import walls

TENANTS = {
    "tenants.Tenant": "id",
    "tenants.TenantUserPermission": "content_object_id",
    "tenants.Membership": "tenant_id",
    "tenants.Project": "tenant_id",
    "tenants.ApiToken": "tenant_id",
    "tenants.Webhook": "tenant_id",
    "tenants.WebhookDelivery": "tenant_id",
    "tenants.TenantClaim": "tenant_id",
    "tenants.TenantClaimGiven": "tenant_id",
    "tenants.Recertification": "tenant_id",
    "tenants.Departure": "tenant_id",
    "tenants.Invitation": "tenant_id",
}
CASES = {
    "tenants.OnboardingCase": "id",
    "tenants.CaseMember": "case_id",
    "tenants.CaseDecision": "case_id",
    "tenants.CaseAnswer": "case_id",
    "tenants.CaseSubmission": "case_id",
    "tenants.CaseLetter": "case_id",
    "tenants.CaseCondition": "case_id",
    "tenants.CaseAppeal": "case_id",
}
OFFICERS_WRITE = (
    "tenants.Tenant", "tenants.TenantUserPermission", "tenants.Membership", "tenants.ApiToken", "tenants.Webhook",
    "tenants.WebhookDelivery",
    "tenants.Recertification", "tenants.Departure", "tenants.Invitation", "tenants.Project",
)  # fmt: skip
CATALOGUE = "the catalogue of public bodies and what they decide by"
NOBODYS = {
    "tenants.KindDefaults": CATALOGUE,
    "tenants.TenantImport": "lists of files that officers bring along; what is in them lies outside the database",
    "tenants.CaseNote": "officers to each other about an application; no applicant reads it",
    "tenants.CheckCatalogue": CATALOGUE,
    "tenants.SanctionsList": "a public list of the Union: which version is loaded",
    "tenants.SanctionsName": "a public list of the Union: names",
    "tenants.CaseLink": "addresses of people who have not come yet; the portal itself looks them up",
    "tenants.Authority": CATALOGUE,
    "tenants.PolicyRule": CATALOGUE,
    "tenants.ClaimMapping": "staff roles that identity providers give, decided by the site",
    "tenants.MappedMembership": "which staff role came from which mapping",
    "tenants.LetterTemplate": CATALOGUE,
    "tenants.StockText": "texts that officers of an authority choose from",
    "tenants.QuestionSet": "what is asked; whoever applies reads it",
    "tenants.AuthorityMembership": "staff of an authority, not a tenant's people",
    "tenants.AuthorityUserPermission": "staff of an authority, not a tenant's people",
}
TRAIL_OF_CASES = "target_type = 'tenants.OnboardingCase' AND target_id = ANY ((SELECT app.cases())::bigint[])"
SHARED_WITH_MINE = "circle IN (SELECT public_id FROM tenants_tenant WHERE id = ANY ((SELECT app.tenants())::bigint[]))"
LIVE = "valid_from <= at AND (valid_until IS NULL OR valid_until > at)"

USUAL = """
    SELECT CASE WHEN count(*) >= 5 THEN greatest(1, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY days)))::integer END
    FROM (SELECT extract(epoch FROM decided_at - submitted_at) / 86400 AS days FROM tenants_onboardingcase
          WHERE authority_id = office AND decided_at IS NOT NULL AND submitted_at IS NOT NULL
          ORDER BY decided_at DESC LIMIT 50) AS lately
"""
"""The median of days over the last fifty decided; nothing while there are too few to say something about nobody."""

DECIDED = """
    SELECT count(*)::integer FROM (SELECT 1 FROM tenants_onboardingcase
        WHERE authority_id = office AND decided_at IS NOT NULL AND submitted_at IS NOT NULL LIMIT 50) AS lately
"""


def register() -> None:
    walls.shelter(TENANTS, officers=OFFICERS_WRITE)
    walls.shelter(CASES, within=walls.CASE, officers=CASES)
    walls.shelter({"tenants.CaseDocument": "case_id"}, within=walls.CASE)
    # what officers verify is theirs; the organisation is told a cut of it (tenants.queries.checks.told)
    walls.shelter({"tenants.ComplianceCheck": "case_id"}, within=walls.OFFICE, officers=["tenants.ComplianceCheck"])
    walls.stand_open(NOBODYS)
    walls.worker_writes.update({"tenants.SanctionsList", "tenants.SanctionsName", "tenants.CaseLink"})
    walls.not_for_tenants.update({"tenants.CaseNote", "tenants.CaseLink"})
    walls.policies["portal.SavedView"] = [SHARED_WITH_MINE]
    walls.policies["tenants.ApiToken"] = ["user_id = app.me()"]
    walls.policies["tenants.CaseCondition"] = ["tenant_id = ANY ((SELECT app.tenants())::bigint[])"]
    walls.policies["tenants.CaseLetter"] = ["tenant_id = ANY ((SELECT app.tenants())::bigint[])"]
    walls.insert_only.update({"tenants.CaseLetter", "tenants.CaseAppeal"})
    walls.worker_erases["tenants.CaseLetter"] = ("subject", "body", "pdf")
    walls.policies["portal.AuditEvent"] = ["actor_id = app.me()", TRAIL_OF_CASES]
    walls.functions["tenants_of(person bigint, at timestamptz) RETURNS text LANGUAGE sql STABLE"] = (
        f"SELECT string_agg(DISTINCT tenant_id::text, ',') FROM tenants_membership WHERE user_id = person AND {LIVE}"  # noqa: S608 - constants
    )
    walls.functions["cases_of(person bigint) RETURNS text LANGUAGE sql STABLE"] = (
        "SELECT string_agg(DISTINCT case_id::text, ',') FROM tenants_casemember WHERE user_id = person"
    )
    walls.functions["usual_days(office bigint) RETURNS integer LANGUAGE sql STABLE"] = USUAL
    walls.functions["decided_lately(office bigint) RETURNS integer LANGUAGE sql STABLE"] = DECIDED
    walls.staff_tables.append("tenants_authoritymembership")
