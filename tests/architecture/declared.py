"""What stands outside a rule about models, each with its reason. A name that no longer exists fails."""

GLOBAL = {
    "portal.User": "a person of the site; seen through memberships",
    "portal.AuditEvent": "insert-only; read through tenants.Trail, which has scopes",
    "portal.AuditEntry": "the chain over the events, written by the database",
    "portal.AuditHead": "the last entry of each stream, written by the database",
    "portal.AuditCheckpoint": "seals over all streams",
    "portal.AuditVerification": "what the last check found",
    "portal.AuditWitness": "who outside knows which checkpoint",
    "portal.SetupCode": "one code of an empty installation",
    "tenants.Authority": "an anchor itself",
    "tenants.AuthorityMembership": "staff of an authority, no tenant's data",
    "tenants.AuthorityUserPermission": "guardian's rows of the anchor",
    "tenants.PolicyRule": "data of an authority",
    "tenants.OnboardingCase": "there is no tenant before the decision; carries its authority",
    "tenants.CaseMember": "people on a case",
    "tenants.CaseDecision": "of a case; carries its authority",
    "tenants.CaseAnswer": "of a case; carries its authority",
    "tenants.CaseDocument": "of a case, which carries its authority",
    "tenants.Tenant": "an anchor itself; carries its authority",
    "tenants.TenantUserPermission": "guardian's rows of the anchor",
    "tenants.Trail": "a proxy of portal.AuditEvent, with the numbers of both",
    "resources.Provider": "an anchor itself",
    "resources.ProviderMembership": "staff of a provider, no tenant's data",
    "resources.ProviderUserPermission": "guardian's rows of the anchor",
    "resources.Cluster": "capacity, no tenant's data",
    "resources.ClusterCredential": "of a cluster, no tenant's data",
    "resources.GPUKind": "a catalogue",
    "resources.CapacityPool": "capacity, no tenant's data",
    "resources.PoolMinute": "sums of a whole pool",
    "resources.PoolHour": "sums of a whole pool",
    "resources.Share": "between authorities and providers",
}
"""Models without both tenant and authority."""

THROUGH_A_PARENT = {
    "portal.User": "nobody lists people but through memberships",
    "portal.AuditEvent": "read as tenants.Trail",
    "portal.AuditEntry": "with its event",
    "portal.AuditHead": "compared, never shown",
    "portal.AuditCheckpoint": "for auditors of the whole chain",
    "portal.AuditVerification": "its facts stand beside the record, those of others' streams left out",
    "portal.AuditWitness": "for platform admins",
    "portal.SetupCode": "compared, never shown",
    "tenants.AuthorityUserPermission": "portal.core.access alone",
    "tenants.TenantUserPermission": "portal.core.access alone",
    "resources.ProviderUserPermission": "portal.core.access alone",
    "tenants.CaseMember": "with its case",
    "tenants.CaseDecision": "with its case",
    "tenants.CaseAnswer": "with its case",
    "resources.RequestLine": "with its request",
    "resources.RequestAnswer": "with its request",
    "resources.Decision": "with its request",
    "resources.DecisionLine": "with its decision",
    "resources.SampleMinute": "with its series",
    "resources.SampleHour": "with its series",
    "resources.PoolMinute": "with its pool",
    "resources.PoolHour": "with its pool",
}
"""Models without scopes of their own: nobody asks for them but through a row that was fetched."""

KEYED_OTHERWISE = {
    "resources.SampleMinute": "(series, minute)",
    "resources.SampleHour": "(series, hour)",
}
"""Tables of a tenant without UNIQUE (tenant, id), which nothing will ever point at, and their key."""
