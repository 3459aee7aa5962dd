"""What the database itself refuses of grants and decisions. What stands here is frozen: changes are new migrations.

Services check the same things first and say them in sentences; this holds when they are bypassed. The functions run as
the owner of the tables, since a pool's sum goes over every tenant.
"""

SIGNATURE = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

# The pool's row is locked first; the sums of the statements after it see all that was committed before the lock was got.
# Only what takes more than before is counted: a pool that shrank below its promises must not stop a grant from ending.
# At one instant ends come before beginnings, because periods are half-open.
FITS = f"""
CREATE FUNCTION resources_grant_fits() {SIGNATURE} AS $$
DECLARE
  counting CONSTANT text[] := ARRAY['scheduled', 'active', 'suspended', 'expiring', 'grace'];
  most bigint; share_pool bigint; share_most bigint; pool_peak bigint; share_peak bigint;
BEGIN
  IF NOT NEW.state = ANY (counting) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = ANY (counting) THEN
    RETURN NULL;  -- what a grant says does not change (resources_grant_stays), so it takes no more than it did
  END IF;
  SELECT greatest(0, floor(healthy * overcommit)::bigint - reserved) INTO most
    FROM resources_capacitypool WHERE id = NEW.pool_id FOR NO KEY UPDATE;
  SELECT pool_id, gpus INTO share_pool, share_most FROM resources_share WHERE id = NEW.share_id FOR SHARE;
  IF share_pool <> NEW.pool_id THEN
    RAISE EXCEPTION 'grant %: its share is of another pool', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_share_of_its_pool', TABLE = 'resources_grant';
  END IF;
  WITH held AS (
    SELECT amount, share_id, greatest(starts_at, NEW.starts_at) AS begins, least(ends_at, NEW.ends_at) AS ends
      FROM resources_grant
      WHERE pool_id = NEW.pool_id AND state = ANY (counting) AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
  ), changes AS (
    SELECT begins AS at, amount AS delta, CASE WHEN share_id = NEW.share_id THEN amount ELSE 0 END AS share_delta FROM held
    UNION ALL
    SELECT ends, -amount, CASE WHEN share_id = NEW.share_id THEN -amount ELSE 0 END FROM held
  ), instants AS (
    SELECT sum(sum(delta)) OVER moments AS promised, sum(sum(share_delta)) OVER moments AS of_share
      FROM changes GROUP BY at WINDOW moments AS (ORDER BY at)
  )
  SELECT max(promised), max(of_share) INTO pool_peak, share_peak FROM instants;
  IF pool_peak > most THEN
    RAISE EXCEPTION 'grant %: % GPUs would be promised of the % that pool % can promise', NEW.id, pool_peak, most, NEW.pool_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_pool', TABLE = 'resources_grant';
  END IF;
  IF share_peak > share_most THEN
    RAISE EXCEPTION 'grant %: % GPUs would be promised of the % in share %', NEW.id, share_peak, share_most, NEW.share_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_share', TABLE = 'resources_grant';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER grant_fits AFTER INSERT OR UPDATE OF state ON resources_grant
  DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION resources_grant_fits();
"""

STAYS = f"""
CREATE FUNCTION resources_stays() {SIGNATURE} AS $$
BEGIN
  RAISE EXCEPTION '% % stays as it was written: % refused', TG_TABLE_NAME, OLD.id, TG_OP
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER grant_stays BEFORE UPDATE ON resources_grant FOR EACH ROW
  WHEN ((OLD.tenant_id, OLD.environment_id, OLD.pool_id, OLD.share_id, OLD.line_id, OLD.amount, OLD.starts_at, OLD.ends_at)
    IS DISTINCT FROM
        (NEW.tenant_id, NEW.environment_id, NEW.pool_id, NEW.share_id, NEW.line_id, NEW.amount, NEW.starts_at, NEW.ends_at))
  EXECUTE FUNCTION resources_stays();
CREATE TRIGGER decision_stays BEFORE UPDATE ON resources_decision FOR EACH ROW EXECUTE FUNCTION resources_stays();
CREATE TRIGGER decision_line_stays BEFORE UPDATE ON resources_decisionline FOR EACH ROW EXECUTE FUNCTION resources_stays();

CREATE FUNCTION resources_sent_line_stays() {SIGNATURE} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM resources_quotarequest WHERE id = OLD.request_id AND state <> 'draft') THEN
    RAISE EXCEPTION 'line % stays as it was sent: % refused', OLD.id, TG_OP
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER sent_line_stays BEFORE UPDATE OR DELETE ON resources_requestline
  FOR EACH ROW EXECUTE FUNCTION resources_sent_line_stays();
"""

OTHERS = f"""
CREATE FUNCTION resources_decided_by_others() {SIGNATURE} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM resources_quotarequest r WHERE r.id = NEW.request_id
             AND r.requested_by_id IN (NEW.decider_id, NEW.on_behalf_of_id)) THEN
    RAISE EXCEPTION 'decision %: nobody decides on their own request', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_by_requester', TABLE = 'resources_decision';
  END IF;
  IF EXISTS (SELECT 1 FROM tenants_membership m WHERE m.tenant_id = NEW.tenant_id
             AND m.user_id IN (NEW.decider_id, NEW.on_behalf_of_id)
             AND m.valid_from <= clock_timestamp()
             AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())) THEN
    RAISE EXCEPTION 'decision %: nobody of the tenant decides on its request', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_not_by_member', TABLE = 'resources_decision';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decision_by_others BEFORE INSERT ON resources_decision
  FOR EACH ROW EXECUTE FUNCTION resources_decided_by_others();

CREATE FUNCTION resources_granted_as_asked() {SIGNATURE} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM resources_requestline l WHERE l.id = NEW.line_id AND l.amount < NEW.granted) THEN
    RAISE EXCEPTION 'decision %: more granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_as_asked', TABLE = 'resources_decisionline';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER granted_as_asked BEFORE INSERT ON resources_decisionline
  FOR EACH ROW EXECUTE FUNCTION resources_granted_as_asked();
"""

UNDO = """
DROP TRIGGER granted_as_asked ON resources_decisionline;
DROP TRIGGER decision_by_others ON resources_decision;
DROP TRIGGER sent_line_stays ON resources_requestline;
DROP TRIGGER decision_line_stays ON resources_decisionline;
DROP TRIGGER decision_stays ON resources_decision;
DROP TRIGGER grant_stays ON resources_grant;
DROP TRIGGER grant_fits ON resources_grant;
DROP FUNCTION resources_granted_as_asked();
DROP FUNCTION resources_decided_by_others();
DROP FUNCTION resources_sent_line_stays();
DROP FUNCTION resources_stays();
DROP FUNCTION resources_grant_fits();
"""
