"""What the database itself refuses of requests, access modes and what lines are granted. Frozen like ``_guards``."""

from resources.migrations._guards import SIGNATURE

# What was sent stands. An answer makes the next revision, which may say the purpose anew; never another project, grant or mode.
SENT = f"""
CREATE FUNCTION resources_sent_request_stays() {SIGNATURE} AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    RETURN NEW;
  END IF;
  IF (OLD.tenant_id, OLD.authority_id, OLD.project_id, OLD.change, OLD.grant_id, OLD.mode_id, OLD.requested_by_id,
      OLD.submitted_at, OLD.reference)
     IS DISTINCT FROM
     (NEW.tenant_id, NEW.authority_id, NEW.project_id, NEW.change, NEW.grant_id, NEW.mode_id, NEW.requested_by_id,
      NEW.submitted_at, NEW.reference)
     OR ((OLD.purpose, OLD.stage, OLD.mode_answers) IS DISTINCT FROM (NEW.purpose, NEW.stage, NEW.mode_answers)
         AND NEW.revision <> OLD.revision + 1)
     OR NEW.revision < OLD.revision OR NEW.state = 'draft' THEN
    RAISE EXCEPTION 'request % stays as it was sent', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_request_stays', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sent_request_stays BEFORE UPDATE ON resources_quotarequest
  FOR EACH ROW EXECUTE FUNCTION resources_sent_request_stays();
CREATE TRIGGER submission_stays BEFORE UPDATE OR DELETE ON resources_requestsubmission
  FOR EACH ROW EXECUTE FUNCTION resources_stays();

CREATE FUNCTION resources_sent_document_stays() {SIGNATURE} AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.tenant_id, OLD.request_id, OLD.revision, OLD.name, OLD.ending, OLD.size, OLD.sha256, OLD.key, OLD.added_by_id)
       IS NOT DISTINCT FROM
       (NEW.tenant_id, NEW.request_id, NEW.revision, NEW.name, NEW.ending, NEW.size, NEW.sha256, NEW.key, NEW.added_by_id) THEN
      RETURN NEW;
    END IF;
  ELSIF EXISTS (SELECT 1 FROM resources_quotarequest WHERE id = OLD.request_id AND state = 'draft') THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'document % stays as it was attached: % refused', OLD.id, TG_OP
    USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_document_stays', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER sent_document_stays BEFORE UPDATE OR DELETE ON resources_requestdocument
  FOR EACH ROW EXECUTE FUNCTION resources_sent_document_stays();

CREATE TRIGGER published_mode_stays BEFORE UPDATE OR DELETE ON resources_accessmode FOR EACH ROW
  WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION resources_stays();
"""

# A line is granted in its kind and within its budget of GPU-hours.
GRANTED = f"""
CREATE OR REPLACE FUNCTION resources_granted_as_asked() {SIGNATURE} AS $$
DECLARE line resources_requestline; placed resources_capacitypool;
BEGIN
  SELECT * INTO line FROM resources_requestline WHERE id = NEW.line_id;
  IF line.amount < NEW.granted THEN
    RAISE EXCEPTION 'decision %: more granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_as_asked', TABLE = 'resources_decisionline';
  END IF;
  SELECT p.* INTO placed FROM resources_capacitypool p JOIN resources_share s ON s.pool_id = p.id WHERE s.id = NEW.share_id;
  IF placed.kind_id <> line.kind_id THEN
    RAISE EXCEPTION 'decision %: another kind granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_of_its_kind', TABLE = 'resources_decisionline';
  END IF;
  IF NEW.budget_hours IS NOT NULL AND (line.budget_hours IS NULL OR NEW.budget_hours > line.budget_hours)
     OR NEW.budget_hours IS NULL AND line.budget_hours IS NOT NULL THEN
    RAISE EXCEPTION 'decision %: more GPU-hours granted than were asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_within_budget', TABLE = 'resources_decisionline';
  END IF;
  RETURN NEW;
END $$;
"""

GRANT_STAYS = """
DROP TRIGGER grant_stays ON resources_grant;
CREATE TRIGGER grant_stays BEFORE UPDATE ON resources_grant FOR EACH ROW
  WHEN ((OLD.tenant_id, OLD.environment_id, OLD.pool_id, OLD.share_id, OLD.line_id, OLD.amount, OLD.starts_at, OLD.ends_at,
         OLD.budget_hours, OLD.supersedes_id)
    IS DISTINCT FROM
        (NEW.tenant_id, NEW.environment_id, NEW.pool_id, NEW.share_id, NEW.line_id, NEW.amount, NEW.starts_at, NEW.ends_at,
         NEW.budget_hours, NEW.supersedes_id))
  EXECUTE FUNCTION resources_stays();
"""

UNDO = f"""
DROP TRIGGER published_mode_stays ON resources_accessmode;
DROP TRIGGER sent_document_stays ON resources_requestdocument;
DROP TRIGGER submission_stays ON resources_requestsubmission;
DROP TRIGGER sent_request_stays ON resources_quotarequest;
DROP FUNCTION resources_sent_document_stays();
DROP FUNCTION resources_sent_request_stays();
CREATE OR REPLACE FUNCTION resources_granted_as_asked() {SIGNATURE} AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM resources_requestline l WHERE l.id = NEW.line_id AND l.amount < NEW.granted) THEN
    RAISE EXCEPTION 'decision %: more granted than was asked for', NEW.decision_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_line_as_asked', TABLE = 'resources_decisionline';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER grant_stays ON resources_grant;
CREATE TRIGGER grant_stays BEFORE UPDATE ON resources_grant FOR EACH ROW
  WHEN ((OLD.tenant_id, OLD.environment_id, OLD.pool_id, OLD.share_id, OLD.line_id, OLD.amount, OLD.starts_at, OLD.ends_at)
    IS DISTINCT FROM
        (NEW.tenant_id, NEW.environment_id, NEW.pool_id, NEW.share_id, NEW.line_id, NEW.amount, NEW.starts_at, NEW.ends_at))
  EXECUTE FUNCTION resources_stays();
"""
