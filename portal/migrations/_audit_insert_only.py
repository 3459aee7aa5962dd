"""The audit table takes inserts and nothing else; references ("QR-2026-0412") come from sequences."""

REFUSE = """
CREATE FUNCTION portal_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is insert-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_insert_only BEFORE UPDATE OR DELETE ON portal_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON portal_auditevent
  FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
CREATE SEQUENCE portal_reference_on;
CREATE SEQUENCE portal_reference_qr;
"""
UNDO = """
DROP SEQUENCE portal_reference_qr;
DROP SEQUENCE portal_reference_on;
DROP TRIGGER audit_never_emptied ON portal_auditevent;
DROP TRIGGER audit_insert_only ON portal_auditevent;
DROP FUNCTION portal_audit_refuse();
"""
