"""What of this app stands behind the database's second wall, and the sums that may be told across it."""

from __future__ import annotations

from portal.core import walls

TENANTS = {
    f"resources.{name}": "tenant_id"
    for name in (
        "Environment", "Grant", "Quota", "QuotaRequest", "RequestLine", "RequestAnswer", "Decision", "DecisionLine",
        "RequestSubmission", "RequestDocument", "RequestAppeal", "RuleLook", "RequestLetter",
        "Series", "SampleMinute", "SampleHour", "GrantNotice", "IdleFinding", "IdleStep",
        "GrantCondition", "GrantConditionStep",
    )
}  # fmt: skip
OFFICERS_WRITE = tuple(
    f"resources.{name}"
    for name in (
        "Environment", "Grant", "Quota", "QuotaRequest", "Decision", "DecisionLine", "IdleFinding", "IdleStep",
        "RequestLetter", "GrantCondition", "GrantConditionStep",
    )
)  # fmt: skip
CATALOGUE = "the catalogue of what may be asked for"
NOBODYS = {
    "resources.Provider": CATALOGUE,
    "resources.Cluster": CATALOGUE,
    "resources.GPUKind": CATALOGUE,
    "resources.AccessMode": "ways to ask an authority; whoever asks reads them",
    "resources.AutoRule": "what an authority approves by itself; whose request it decided reads it",
    "resources.CapacityPool": CATALOGUE,
    "resources.MaintenanceWindow": "when GPUs of a cluster are out; nobody's in particular, like the cluster",
    "resources.Share": "what authorities may promise: sums, nobody's grant",
    "resources.ClusterCredential": "what a cluster is reached with, sealed; a tenant's person cannot read it at all",
    "resources.ProviderMembership": "staff of a provider, not a tenant's people",
    "resources.ProviderUserPermission": "staff of a provider, not a tenant's people",
    "resources.PoolMinute": "a whole pool's numbers, nobody's in particular",
    "resources.PoolHour": "a whole pool's numbers, nobody's in particular",
}
COUNTING = "state IN ('scheduled', 'active', 'suspended', 'expiring', 'grace')"
HELD = "coalesce(grace_until, ends_at)"
STEPS = f"""
    SELECT pool_id, share_id, at, sum(change)::bigint FROM (
        SELECT pool_id, share_id, since AS at, sum(amount) AS change FROM resources_grant
        WHERE pool_id = ANY (pools) AND {COUNTING} AND starts_at <= since AND {HELD} > since AND since < until
        GROUP BY pool_id, share_id
        UNION ALL
        SELECT pool_id, share_id, starts_at, sum(amount) FROM resources_grant
        WHERE pool_id = ANY (pools) AND {COUNTING} AND starts_at > since AND starts_at < until
        GROUP BY pool_id, share_id, starts_at
        UNION ALL
        SELECT pool_id, share_id, {HELD}, -sum(amount) FROM resources_grant
        WHERE pool_id = ANY (pools) AND {COUNTING} AND {HELD} > since AND {HELD} < until
        GROUP BY pool_id, share_id, {HELD}
    ) AS steps GROUP BY pool_id, share_id, at ORDER BY pool_id, share_id, at
"""  # noqa: S608 - constants
"""What is held at the beginning, and every change after it. Each part is read in the order of an index that holds all it
needs (``grant_begins``, ``grant_held_until``), so that a year of 400,000 grants is summed without sorting or hashing one.
"""
PROMISED = f"""
    SELECT pool_id, sum(amount)::bigint FROM resources_grant
    WHERE pool_id = ANY (pools) AND {COUNTING} AND starts_at <= moment AND {HELD} > moment GROUP BY pool_id
"""  # noqa: S608 - constants
OF_SHARES = f"""
    SELECT share_id, sum(amount)::bigint FROM resources_grant
    WHERE share_id = ANY (shares) AND {COUNTING} AND starts_at <= moment AND {HELD} > moment GROUP BY share_id
"""  # noqa: S608 - constants
DAY = r"""
DECLARE day date := begins; name text;
BEGIN
    IF parent NOT IN ('resources_sampleminute', 'resources_poolminute') THEN
        RAISE EXCEPTION 'no table of minutes is called %', parent;
    END IF;
    name := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Whoever comes second waits, and then finds it made: in the table, for to_regclass would say what it said before.
    PERFORM pg_advisory_xact_lock(hashtext('minutes'), hashtext(name));
    IF NOT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = parent::regclass AND relname = name) THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name, parent,
                       day || ' 00:00+00', day + 1 || ' 00:00+00');
    END IF;
END
"""
OLD = r"""
DECLARE part text; dropped text[] := '{}';
BEGIN
    FOR part IN
        SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent IN ('resources_sampleminute'::regclass, 'resources_poolminute'::regclass)
    LOOP
        IF right(part, 8) ~ '^\d{8}$' AND right(part, 8) < to_char(oldest, 'YYYYMMDD') THEN
            EXECUTE format('DROP TABLE %s', part);
            dropped := dropped || part;
        END IF;
    END LOOP;
    RETURN dropped;
END
"""


def register() -> None:
    walls.shelter(TENANTS, officers=OFFICERS_WRITE)
    walls.stand_open(NOBODYS)
    walls.not_for_tenants.add("resources.ClusterCredential")
    walls.insert_only.update(
        {
            "resources.GrantNotice",
            "resources.IdleStep",
            "resources.RuleLook",
            "resources.RequestLetter",
            "resources.GrantConditionStep",
        }
    )
    walls.worker_erases["resources.IdleStep"] = ("text",)
    walls.worker_erases["resources.GrantConditionStep"] = ("text",)
    walls.worker_erases["resources.RequestLetter"] = ("subject", "body", "pdf")
    walls.staff_tables.append("resources_providermembership")
    walls.functions.update(
        {
            "pools_steps(pools bigint[], since timestamptz, until timestamptz) "
            "RETURNS TABLE (pool bigint, share bigint, moment timestamptz, change bigint) LANGUAGE sql STABLE": STEPS,
            "pool_steps(pool bigint, since timestamptz, until timestamptz) "
            "RETURNS TABLE (share bigint, moment timestamptz, change bigint) LANGUAGE sql STABLE": "SELECT share, moment, change FROM app.pools_steps(ARRAY[pool], since, until)",
            "pools_promised(pools bigint[], moment timestamptz) "
            "RETURNS TABLE (pool bigint, gpus bigint) LANGUAGE sql STABLE": PROMISED,
            "shares_promised(shares bigint[], moment timestamptz) "
            "RETURNS TABLE (share bigint, gpus bigint) LANGUAGE sql STABLE": OF_SHARES,
            "make_day(parent text, begins date) RETURNS void LANGUAGE plpgsql": DAY,
            "drop_days(oldest date) RETURNS text[] LANGUAGE plpgsql": OLD,
        }
    )
