"""What the database itself refuses of decisions and grants line by line. What stands here is frozen.

A line is given within what it asks for: the GPUs of all steps that stand together, its period, its kind. One line at a
time is counted: its row is locked first.
"""

from resources.migrations._guards import SIGNATURE
from resources.migrations._request_guards import GRANTED

AS_ASKED = f"""
CREATE OR REPLACE FUNCTION resources_granted_as_asked() {SIGNATURE} AS $$
DECLARE
  asked record; standing bigint; hours bigint; given_kind bigint;
BEGIN
  SELECT l.amount, l.starts_at, l.ends_at, l.kind_id, l.budget_hours INTO asked
    FROM resources_requestline l WHERE l.id = NEW.line_id FOR NO KEY UPDATE;
  SELECT coalesce(sum(dl.granted), 0), coalesce(sum(dl.budget_hours), 0) INTO standing, hours
    FROM resources_decisionline dl JOIN resources_decision d ON d.id = dl.decision_id
    WHERE dl.line_id = NEW.line_id AND d.answers_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM resources_decision u
                      WHERE u.answers_id = d.id AND u.outcome IN ('send_back', 'take_back', 'reject'));
  IF greatest(standing, NEW.granted) > asked.amount THEN
    RAISE EXCEPTION 'decision %: more granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_as_asked', TABLE = 'resources_decisionline';
  END IF;
  IF NEW.starts_at < asked.starts_at OR NEW.ends_at > asked.ends_at THEN
    RAISE EXCEPTION 'decision %: granted outside the period that was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_within_period', TABLE = 'resources_decisionline';
  END IF;
  SELECT p.kind_id INTO given_kind
    FROM resources_share s JOIN resources_capacitypool p ON p.id = s.pool_id WHERE s.id = NEW.share_id;
  IF given_kind <> asked.kind_id THEN
    RAISE EXCEPTION 'decision %: another kind granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_of_its_kind', TABLE = 'resources_decisionline';
  END IF;
  IF (NEW.budget_hours IS NULL) <> (asked.budget_hours IS NULL) OR greatest(hours, NEW.budget_hours) > asked.budget_hours THEN
    RAISE EXCEPTION 'decision %: more GPU-hours granted than were asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_within_budget', TABLE = 'resources_decisionline';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER granted_as_asked ON resources_decisionline;
CREATE TRIGGER granted_as_asked AFTER INSERT ON resources_decisionline
  FOR EACH ROW EXECUTE FUNCTION resources_granted_as_asked();
"""

PAID = f"""
CREATE FUNCTION resources_share_of_decider() {SIGNATURE} AS $$
BEGIN
  IF NEW.granted > 0 AND NOT EXISTS (
      SELECT 1 FROM resources_share s JOIN resources_decision d ON d.deciding_authority_id = s.authority_id
      WHERE s.id = NEW.share_id AND d.id = NEW.decision_id) THEN
    RAISE EXCEPTION 'decision %: paid from the share of another authority', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_from_own_share', TABLE = 'resources_decisionline';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER share_of_decider AFTER INSERT ON resources_decisionline
  FOR EACH ROW EXECUTE FUNCTION resources_share_of_decider();
"""

WITHIN_LINE = f"""
CREATE FUNCTION resources_grant_within_line() {SIGNATURE} AS $$
DECLARE
  counting CONSTANT text[] := ARRAY['scheduled', 'active', 'suspended', 'expiring', 'grace'];
  asked record; given_kind bigint; line_peak bigint;
BEGIN
  IF NOT NEW.state = ANY (counting) THEN
    RETURN NULL;
  END IF;
  SELECT l.amount, l.starts_at, l.ends_at, l.kind_id INTO asked
    FROM resources_requestline l WHERE l.id = NEW.line_id FOR NO KEY UPDATE;
  SELECT kind_id INTO given_kind FROM resources_capacitypool WHERE id = NEW.pool_id;
  IF given_kind <> asked.kind_id
     OR NEW.supersedes_id IS NULL AND (NEW.starts_at < asked.starts_at OR NEW.ends_at > asked.ends_at) THEN
    RAISE EXCEPTION 'grant %: outside the period or the kind that its line asks for', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_as_asked', TABLE = 'resources_grant';
  END IF;
  WITH held AS (
    SELECT amount, greatest(starts_at, NEW.starts_at) AS begins, least(ends_at, NEW.ends_at) AS ends
      FROM resources_grant
      WHERE line_id = NEW.line_id AND state = ANY (counting) AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
  ), changes AS (
    SELECT begins AS at, amount AS delta FROM held UNION ALL SELECT ends, -amount FROM held
  ), instants AS (
    SELECT sum(sum(delta)) OVER (ORDER BY at) AS granted FROM changes GROUP BY at
  )
  SELECT max(granted) INTO line_peak FROM instants;
  IF line_peak > asked.amount THEN
    RAISE EXCEPTION 'grant %: % GPUs would be granted of the % that its line asks for', NEW.id, line_peak, asked.amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_line', TABLE = 'resources_grant';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER grant_within_line AFTER INSERT ON resources_grant
  FOR EACH ROW EXECUTE FUNCTION resources_grant_within_line();
"""

UNDO = f"""
DROP TRIGGER grant_within_line ON resources_grant;
DROP FUNCTION resources_grant_within_line();
DROP TRIGGER share_of_decider ON resources_decisionline;
DROP FUNCTION resources_share_of_decider();
DROP TRIGGER granted_as_asked ON resources_decisionline;
{GRANTED}
CREATE TRIGGER granted_as_asked BEFORE INSERT ON resources_decisionline
  FOR EACH ROW EXECUTE FUNCTION resources_granted_as_asked();
"""
