"""What the database itself refuses of rules and of what they decide. What stands here is frozen.

A rule that was in force stays as it was, but for its end. What a rule decides is decided in the name of who put it in
force, for the authority whose rule it is, while it is in force, and never for the people who made it.
"""

from resources.migrations._guards import SIGNATURE

STAYS = f"""
CREATE FUNCTION resources_rule_stays() {SIGNATURE} AS $$
BEGIN
  IF OLD.activated_at IS NULL THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
     AND to_jsonb(OLD) - ARRAY['ended_at', 'ended_by_id', 'ended_because']
       = to_jsonb(NEW) - ARRAY['ended_at', 'ended_by_id', 'ended_because'] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rule % stays as it was in force: % refused', OLD.id, TG_OP
    USING ERRCODE = 'check_violation', CONSTRAINT = 'rule_stays', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER rule_stays BEFORE UPDATE OR DELETE ON resources_autorule
  FOR EACH ROW EXECUTE FUNCTION resources_rule_stays();
"""

DECIDES = f"""
CREATE FUNCTION resources_decided_by_rule() {SIGNATURE} AS $$
BEGIN
  IF NOT EXISTS (
      SELECT 1 FROM resources_autorule r WHERE r.id = NEW.rule_id AND r.activated_at IS NOT NULL AND r.ended_at IS NULL
        AND r.authority_id = NEW.deciding_authority_id AND r.authority_id = NEW.authority_id
        AND r.activated_by_id = NEW.decider_id) THEN
    RAISE EXCEPTION 'decision %: not by a rule in force of the authority, in the name of who is responsible for it', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_rule_in_force', TABLE = 'resources_decision';
  END IF;
  IF EXISTS (
      SELECT 1 FROM resources_autorule r JOIN resources_quotarequest q ON q.id = NEW.request_id
        WHERE r.id = NEW.rule_id AND r.set_by_id = q.requested_by_id) THEN
    RAISE EXCEPTION 'decision %: who wrote the rule asked for it', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_by_rule_of_others', TABLE = 'resources_decision';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decided_by_rule BEFORE INSERT ON resources_decision
  FOR EACH ROW WHEN (NEW.rule_id IS NOT NULL) EXECUTE FUNCTION resources_decided_by_rule();
"""

UNDO = """
DROP TRIGGER decided_by_rule ON resources_decision;
DROP FUNCTION resources_decided_by_rule();
DROP TRIGGER rule_stays ON resources_autorule;
DROP FUNCTION resources_rule_stays();
"""
