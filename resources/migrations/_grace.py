"""A grant takes its GPUs until its grace is over. What stands here is frozen: changes are new migrations.

A grant that is put into the place of another in the same transaction, for no more GPUs and no longer, takes nothing that
was not taken before; it is let in even on a pool that shrank below its promises, so that promises can be lowered there.

The sums are those of ``_guards.FITS`` with ``coalesce(grace_until, ends_at)`` for the end. Grace may be given up later
(something takes the grant's place at its end, so the same GPUs are not held twice), and never made longer.
"""

from resources.migrations._guards import FITS, SIGNATURE

_BODY = FITS.partition("CREATE CONSTRAINT TRIGGER")[0]
HELD, NEW_HELD = "coalesce(grace_until, ends_at)", "coalesce(NEW.grace_until, NEW.ends_at)"
LOWERS = f"""
  IF TG_OP = 'INSERT' AND EXISTS (
    SELECT 1 FROM resources_grant prior WHERE prior.id = NEW.supersedes_id AND prior.state = 'superseded'
      AND age(prior.xmin) <= age(pg_current_xact_id()::xid)  -- written since this transaction began to write
      AND (prior.pool_id, prior.share_id, prior.tenant_id) = (NEW.pool_id, NEW.share_id, NEW.tenant_id)
      AND prior.amount >= NEW.amount AND prior.starts_at <= NEW.starts_at
      AND coalesce(prior.grace_until, prior.ends_at) >= {NEW_HELD}
      AND NOT EXISTS (SELECT 1 FROM resources_grant too WHERE too.supersedes_id = prior.id AND too.id <> NEW.id)
  ) THEN
    RETURN NULL;
  END IF;
"""
FITS_WITH_GRACE = (
    _BODY.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("  WITH held AS (", f"{LOWERS.lstrip(chr(10))}  WITH held AS (")
    .replace("least(ends_at, NEW.ends_at)", f"least({HELD}, {NEW_HELD})")
    .replace("starts_at < NEW.ends_at AND ends_at > NEW.starts_at", f"starts_at < {NEW_HELD} AND {HELD} > NEW.starts_at")
)
WITHOUT_GRACE = _BODY.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

GRACE_STAYS = f"""
CREATE FUNCTION resources_grace_stays() {SIGNATURE} AS $$
BEGIN
  RAISE EXCEPTION 'grant %: its grace may be given up, not changed', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER grant_grace_stays BEFORE UPDATE ON resources_grant FOR EACH ROW
  WHEN ((NEW.grace_until IS NOT NULL AND NEW.grace_until IS DISTINCT FROM OLD.grace_until)
    OR NEW.budget_hours IS DISTINCT FROM OLD.budget_hours OR NEW.supersedes_id IS DISTINCT FROM OLD.supersedes_id)
  EXECUTE FUNCTION resources_grace_stays();
"""
UNDO = """
DROP TRIGGER grant_grace_stays ON resources_grant;
DROP FUNCTION resources_grace_stays();
"""
