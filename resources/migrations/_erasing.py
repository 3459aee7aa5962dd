"""What was sent stays as it was sent, until its tenant is closed and its data is erased. Frozen like ``_guards``."""

ERASES = """
CREATE FUNCTION resources_erases(tenant bigint) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(current_setting('app.erasing', true) = tenant::text, false)
     AND EXISTS (SELECT 1 FROM tenants_tenant WHERE id = tenant AND state = 'closed')
$$;
DROP TRIGGER sent_request_stays ON resources_quotarequest;
CREATE TRIGGER sent_request_stays BEFORE UPDATE ON resources_quotarequest
  FOR EACH ROW WHEN (NOT resources_erases(OLD.tenant_id)) EXECUTE FUNCTION resources_sent_request_stays();
DROP TRIGGER submission_stays ON resources_requestsubmission;
CREATE TRIGGER submission_stays BEFORE UPDATE OR DELETE ON resources_requestsubmission
  FOR EACH ROW WHEN (NOT resources_erases(OLD.tenant_id)) EXECUTE FUNCTION resources_stays();
DROP TRIGGER sent_document_stays ON resources_requestdocument;
CREATE TRIGGER sent_document_stays BEFORE UPDATE OR DELETE ON resources_requestdocument
  FOR EACH ROW WHEN (NOT resources_erases(OLD.tenant_id)) EXECUTE FUNCTION resources_sent_document_stays();
"""

UNDO = """
DROP TRIGGER sent_request_stays ON resources_quotarequest;
CREATE TRIGGER sent_request_stays BEFORE UPDATE ON resources_quotarequest
  FOR EACH ROW EXECUTE FUNCTION resources_sent_request_stays();
DROP TRIGGER submission_stays ON resources_requestsubmission;
CREATE TRIGGER submission_stays BEFORE UPDATE OR DELETE ON resources_requestsubmission
  FOR EACH ROW EXECUTE FUNCTION resources_stays();
DROP TRIGGER sent_document_stays ON resources_requestdocument;
CREATE TRIGGER sent_document_stays BEFORE UPDATE OR DELETE ON resources_requestdocument
  FOR EACH ROW EXECUTE FUNCTION resources_sent_document_stays();
DROP FUNCTION resources_erases(bigint);
"""
