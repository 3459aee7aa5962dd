"""What the database itself refuses of appeals and of idle GPUs. What stands here is frozen: changes are new migrations.

An appeal is decided by people who had no part in what it is against, nor stand in for who had. What becomes of idle GPUs
is decided by nobody of the tenant, and taking them back is confirmed by somebody else than who proposed it.
"""

from resources.migrations._guards import SIGNATURE

# Who stands in for somebody counts as one pair of eyes with them (tenants.queries.standing.eyes).
EYES = f"""
CREATE FUNCTION resources_eyes(people bigint[], since timestamptz) RETURNS bigint[] LANGUAGE sql STABLE
  {SIGNATURE.partition("plpgsql ")[2]} AS $$
  SELECT array_agg(DISTINCT each) FROM (
    SELECT unnest(people) AS each
    UNION ALL
    SELECT unnest(ARRAY[m.user_id, f.user_id]) FROM tenants_authoritymembership m
      JOIN tenants_authoritymembership f ON f.id = m.delegated_from_id
      WHERE m.valid_from <= clock_timestamp() AND m.valid_until > since
        AND (m.user_id = ANY (people) OR f.user_id = ANY (people))
  ) AS found WHERE each IS NOT NULL
$$;
"""

APPEALS = f"""
CREATE FUNCTION resources_appeal_by_others() {SIGNATURE} AS $$
DECLARE appealed bigint; since timestamptz;
BEGIN
  SELECT appealed_after, created_at INTO appealed, since FROM resources_quotarequest WHERE id = NEW.request_id;
  IF appealed > 0 AND EXISTS (
      SELECT 1 FROM resources_decision d WHERE d.request_id = NEW.request_id AND d.id <= appealed
        AND ARRAY[d.decider_id, d.on_behalf_of_id]
          && resources_eyes(ARRAY[NEW.decider_id, NEW.on_behalf_of_id], since)) THEN
    RAISE EXCEPTION 'decision %: an appeal is decided by other people than those who decided before', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_appeal_by_others', TABLE = 'resources_decision';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER appeal_by_others BEFORE INSERT ON resources_decision
  FOR EACH ROW EXECUTE FUNCTION resources_appeal_by_others();
"""

IDLE = f"""
CREATE FUNCTION resources_idle_by_others() {SIGNATURE} AS $$
DECLARE first record; people bigint[] := ARRAY[NEW.by_id, NEW.on_behalf_of_id];
BEGIN
  IF EXISTS (
      SELECT 1 FROM resources_idlefinding i JOIN resources_grant g ON g.id = i.grant_id
        JOIN resources_requestline l ON l.id = g.line_id JOIN resources_quotarequest r ON r.id = l.request_id
        WHERE i.id = NEW.finding_id AND r.requested_by_id = ANY (people))
     OR EXISTS (
      SELECT 1 FROM tenants_membership m WHERE m.tenant_id = NEW.tenant_id AND m.user_id = ANY (people)
        AND m.valid_from <= clock_timestamp() AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())) THEN
    RAISE EXCEPTION 'idle finding %: nobody of the tenant decides about its GPUs', NEW.finding_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'idle_decided_by_others', TABLE = 'resources_idlestep';
  END IF;
  IF NEW.act NOT IN ('reclaimed', 'sent_back') THEN
    RETURN NEW;
  END IF;
  SELECT s.act, s.by_id, s.on_behalf_of_id, s.created_at INTO first FROM resources_idlestep s
    WHERE s.finding_id = NEW.finding_id ORDER BY s.id DESC LIMIT 1;
  IF first.act = 'proposed' AND ARRAY[first.by_id, first.on_behalf_of_id] && resources_eyes(people, first.created_at) THEN
    RAISE EXCEPTION 'idle finding %: somebody else than who proposed it answers', NEW.finding_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'idle_second_by_others', TABLE = 'resources_idlestep';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER idle_by_others BEFORE INSERT ON resources_idlestep FOR EACH ROW
  WHEN (NEW.by_id IS NOT NULL AND NEW.act IN ('accepted', 'refused', 'proposed', 'sent_back', 'reclaimed', 'dismissed'))
  EXECUTE FUNCTION resources_idle_by_others();

CREATE FUNCTION resources_idle_reclaimed_by_somebody() {SIGNATURE} AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM resources_idlestep s
                 WHERE s.finding_id = NEW.id AND s.act = 'reclaimed' AND s.by_id IS NOT NULL) THEN
    RAISE EXCEPTION 'idle finding %: nothing is taken back that nobody decided', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'idle_reclaimed_by_somebody', TABLE = 'resources_idlefinding';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER idle_reclaimed_by_somebody AFTER UPDATE OF state ON resources_idlefinding
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'reclaimed' AND OLD.state <> 'reclaimed')
  EXECUTE FUNCTION resources_idle_reclaimed_by_somebody();
"""

UNDO = """
DROP TRIGGER idle_reclaimed_by_somebody ON resources_idlefinding;
DROP FUNCTION resources_idle_reclaimed_by_somebody();
DROP TRIGGER idle_by_others ON resources_idlestep;
DROP FUNCTION resources_idle_by_others();
DROP TRIGGER appeal_by_others ON resources_decision;
DROP FUNCTION resources_appeal_by_others();
DROP FUNCTION resources_eyes(bigint[], timestamptz);
"""
