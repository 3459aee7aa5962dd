"""Maintenance that takes capacity away, in the sums that the database itself keeps. What stands here is frozen.

The function is that of ``_grace.FITS_WITH_GRACE`` with the GPUs that are out beside the promises: at every instant of the
grant's period the promise stays within (healthy - out) x over-commit - reserved. Windows on one pool add up, and no more
are out than are installed: two announcements are two works until somebody says that they are one.
"""

from resources.migrations._grace import LOWERS
from resources.migrations._guards import SIGNATURE

FITS_WITH_WINDOWS = f"""
CREATE OR REPLACE FUNCTION resources_grant_fits() {SIGNATURE} AS $$
DECLARE
  counting CONSTANT text[] := ARRAY['scheduled', 'active', 'suspended', 'expiring', 'grace'];
  held_until CONSTANT timestamptz := coalesce(NEW.grace_until, NEW.ends_at);
  here record; share_pool bigint; share_most bigint; worst record;
BEGIN
  IF NOT NEW.state = ANY (counting) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = ANY (counting) THEN
    RETURN NULL;  -- what a grant says does not change (resources_grant_stays), so it takes no more than it did
  END IF;
  SELECT healthy, installed, overcommit, reserved, cluster_id INTO here
    FROM resources_capacitypool WHERE id = NEW.pool_id FOR NO KEY UPDATE;
  SELECT pool_id, gpus INTO share_pool, share_most FROM resources_share WHERE id = NEW.share_id FOR SHARE;
  IF share_pool <> NEW.pool_id THEN
    RAISE EXCEPTION 'grant %: its share is of another pool', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_share_of_its_pool', TABLE = 'resources_grant';
  END IF;
{LOWERS.strip(chr(10))}
  WITH held AS (
    SELECT g.amount, g.share_id, greatest(g.starts_at, NEW.starts_at) AS begins,
           least(coalesce(g.grace_until, g.ends_at), held_until) AS ends
      FROM resources_grant g
      WHERE g.pool_id = NEW.pool_id AND g.state = ANY (counting)
        AND g.starts_at < held_until AND coalesce(g.grace_until, g.ends_at) > NEW.starts_at
  ), outages AS (
    SELECT coalesce(w.gpus, here.installed) AS gpus, greatest(w.starts_at, NEW.starts_at) AS begins,
           least(w.ends_at, held_until) AS ends
      FROM resources_maintenancewindow w
      WHERE w.cluster_id = here.cluster_id AND (w.pool_id IS NULL OR w.pool_id = NEW.pool_id)
        AND w.effect = 'counts' AND w.state <> 'cancelled' AND w.starts_at < held_until AND w.ends_at > NEW.starts_at
  ), changes AS (
    SELECT begins AS at, amount AS delta, CASE WHEN share_id = NEW.share_id THEN amount ELSE 0 END AS share_delta,
           0 AS out_delta FROM held
    UNION ALL
    SELECT ends, -amount, CASE WHEN share_id = NEW.share_id THEN -amount ELSE 0 END, 0 FROM held
    UNION ALL
    SELECT begins, 0, 0, gpus FROM outages
    UNION ALL
    SELECT ends, 0, 0, -gpus FROM outages
  ), instants AS (
    SELECT sum(sum(delta)) OVER moments AS promised, sum(sum(share_delta)) OVER moments AS of_share,
           sum(sum(out_delta)) OVER moments AS missing
      FROM changes GROUP BY at WINDOW moments AS (ORDER BY at)
  ), limits AS (
    SELECT promised, of_share,
           greatest(0, floor(greatest(0, here.healthy - missing) * here.overcommit)::bigint - here.reserved) AS most
      FROM instants
  )
  SELECT promised AS gpus, most, max(of_share) OVER () AS share_peak INTO worst
    FROM limits ORDER BY promised - most DESC, promised DESC LIMIT 1;
  IF worst.gpus > worst.most THEN
    RAISE EXCEPTION 'grant %: % GPUs would be promised of the % that pool % can promise', NEW.id, worst.gpus, worst.most, NEW.pool_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_pool', TABLE = 'resources_grant';
  END IF;
  IF worst.share_peak > share_most THEN
    RAISE EXCEPTION 'grant %: % GPUs would be promised of the % in share %', NEW.id, worst.share_peak, share_most, NEW.share_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_share', TABLE = 'resources_grant';
  END IF;
  RETURN NULL;
END $$;
"""

STAYS = f"""
CREATE FUNCTION resources_maintenance_stays() {SIGNATURE} AS $$
BEGIN
  IF NEW.pool_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM resources_capacitypool p WHERE p.id = NEW.pool_id AND p.cluster_id = NEW.cluster_id) THEN
    RAISE EXCEPTION 'maintenance %: its pool is of another cluster', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'maintenance_pool_of_its_cluster', TABLE = TG_TABLE_NAME;
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.state IN ('done', 'cancelled')
      OR NEW.cluster_id <> OLD.cluster_id OR NEW.announced_by_id <> OLD.announced_by_id
      OR OLD.state = 'running' AND (NEW.pool_id, NEW.gpus, NEW.starts_at, NEW.effect)
        IS DISTINCT FROM (OLD.pool_id, OLD.gpus, OLD.starts_at, OLD.effect)) THEN
    RAISE EXCEPTION 'maintenance % stays as it was: % refused', NEW.id, TG_OP
      USING ERRCODE = 'check_violation', CONSTRAINT = 'maintenance_stays', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER maintenance_stays BEFORE INSERT OR UPDATE ON resources_maintenancewindow
  FOR EACH ROW EXECUTE FUNCTION resources_maintenance_stays();

CREATE FUNCTION resources_maintenance_kept() {SIGNATURE} AS $$
BEGIN
  RAISE EXCEPTION 'maintenance % was announced and stays: cancel it instead', OLD.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'maintenance_kept', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER maintenance_kept BEFORE DELETE ON resources_maintenancewindow
  FOR EACH ROW EXECUTE FUNCTION resources_maintenance_kept();
"""

UNDO = """
DROP TRIGGER maintenance_kept ON resources_maintenancewindow;
DROP TRIGGER maintenance_stays ON resources_maintenancewindow;
DROP FUNCTION resources_maintenance_kept();
DROP FUNCTION resources_maintenance_stays();
"""
