"""What stands of a line, where a step that a second person confirmed is taken back: frozen like ``_guards``.

A step is undone by what answers it, or what answers its confirmation.
"""

from resources.migrations._guards import SIGNATURE

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
      AND NOT EXISTS (SELECT 1 FROM resources_decision u LEFT JOIN resources_decision c ON c.id = u.answers_id
                      WHERE (u.answers_id = d.id OR c.answers_id = d.id)
                        AND u.outcome IN ('send_back', 'take_back', 'reject'));
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
"""
