"""What the database itself refuses of conditions of grants. What stands here is frozen: changes are new migrations.

A condition belongs to the step that set it: it is written with that step, before anything follows it, and its text and
its day stay. Whether it is met is found by somebody who neither asked nor belongs to the tenant.
"""

from resources.migrations._guards import SIGNATURE

SET = f"""
CREATE FUNCTION resources_condition_of_step() {SIGNATURE} AS $$
BEGIN
  IF NEW.state <> 'proposed' THEN
    RAISE EXCEPTION 'condition %: begins as proposed, not as %', NEW.id, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_begins_proposed', TABLE = 'resources_grantcondition';
  END IF;
  IF NOT EXISTS (
      SELECT 1 FROM resources_decision d JOIN resources_quotarequest r ON r.id = d.request_id
      WHERE d.id = NEW.decision_id AND d.request_id = NEW.request_id AND d.outcome IN ('approve', 'approve_part')
        AND d.answers_id IS NULL AND r.state = 'in_review' AND d.revision = r.revision
        AND NOT EXISTS (SELECT 1 FROM resources_decision l WHERE l.request_id = d.request_id AND l.id > d.id)) THEN
    RAISE EXCEPTION 'condition %: is set with the step that it is part of, and not afterwards', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_set_with_its_step', TABLE = 'resources_grantcondition';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER condition_of_step BEFORE INSERT ON resources_grantcondition
  FOR EACH ROW EXECUTE FUNCTION resources_condition_of_step();
"""

STAYS = """
CREATE TRIGGER condition_stays BEFORE UPDATE ON resources_grantcondition FOR EACH ROW
  WHEN ((OLD.tenant_id, OLD.authority_id, OLD.request_id, OLD.decision_id, OLD.number, OLD.text, OLD.due_at)
    IS DISTINCT FROM
        (NEW.tenant_id, NEW.authority_id, NEW.request_id, NEW.decision_id, NEW.number, NEW.text, NEW.due_at))
  EXECUTE FUNCTION resources_stays();
CREATE TRIGGER condition_is_kept BEFORE DELETE ON resources_grantcondition
  FOR EACH ROW EXECUTE FUNCTION resources_stays();
"""

CLOSED = f"""
CREATE FUNCTION resources_condition_closed() {SIGNATURE} AS $$
BEGIN
  IF OLD.state IN ('met', 'lifted', 'dropped', 'ended') THEN
    RAISE EXCEPTION 'condition %: is settled, and stays so', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_stays_settled', TABLE = 'resources_grantcondition';
  END IF;
  IF NEW.state = 'met' AND OLD.state <> 'said_met' THEN
    RAISE EXCEPTION 'condition %: nobody has said that it is met', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_said_before_met', TABLE = 'resources_grantcondition';
  END IF;
  IF NEW.state NOT IN ('met', 'lifted') THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT 1 FROM resources_quotarequest r WHERE r.id = NEW.request_id AND r.requested_by_id = NEW.closed_by_id)
     OR NEW.closed_by_id = NEW.said_by_id
     OR EXISTS (SELECT 1 FROM tenants_membership m WHERE m.tenant_id = NEW.tenant_id AND m.user_id = NEW.closed_by_id
                AND m.valid_from <= clock_timestamp()
                AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())) THEN
    RAISE EXCEPTION 'condition %: is settled by somebody who neither asked nor belongs to the tenant', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'condition_closed_by_others', TABLE = 'resources_grantcondition';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER condition_closed BEFORE UPDATE OF state ON resources_grantcondition
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION resources_condition_closed();
"""

UNDO = """
DROP TRIGGER condition_closed ON resources_grantcondition;
DROP FUNCTION resources_condition_closed();
DROP TRIGGER condition_is_kept ON resources_grantcondition;
DROP TRIGGER condition_stays ON resources_grantcondition;
DROP TRIGGER condition_of_step ON resources_grantcondition;
DROP FUNCTION resources_condition_of_step();
"""
