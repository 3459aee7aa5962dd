"""The chain of the audit trail as the database keeps it. What stands here is frozen: later changes are new migrations.

An event is chained when its transaction commits, by a deferred constraint trigger, so that a busy stream is held for
the length of a commit and not of a transaction. All heads of a transaction are locked in sorted order.
"""

FUNCTIONS = r"""
CREATE FUNCTION portal_audit_stream(tenant bigint, authority bigint) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN tenant IS NOT NULL THEN 'tenant:' || tenant::text
               WHEN authority IS NOT NULL THEN 'authority:' || authority::text ELSE 'site' END $$;

-- What is hashed. A column that comes later is added only where it is not null, so that older entries stay as they are.
-- The address is personal data: the chain holds a salted digest of it, and address and salt can be erased.
CREATE FUNCTION portal_audit_payload(e portal_auditevent) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT jsonb_build_object(
     'id', e.id, 'act', e.act, 'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
     'actor', e.actor_id, 'source', e.source,
     'origin', encode(sha256(convert_to(e.address_salt::text || ' ' || host(e.address), 'UTF8')), 'hex'),
     'target_type', e.target_type, 'target_id', e.target_id, 'target', e.target_public_id,
     'target_name', e.target_name, 'tenant', e.tenant_id, 'authority', e.authority_id, 'provider', e.provider_id,
     'before', e.before, 'after', e.after, 'reason', e.reason)::text $$;

-- hash = sha256(0x00 || prev || seq as 8 bytes || sha256(payload)); the first prev is sha256(name of the stream).
-- Called by the trigger below, which fixes the search path, and by nobody else.
CREATE FUNCTION portal_audit_append(e portal_auditevent) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text := portal_audit_stream(e.tenant_id, e.authority_id);
  body text := portal_audit_payload(e);
  digest bytea := sha256(convert_to(body, 'UTF8'));
  genesis bytea := sha256(convert_to(name, 'UTF8'));
BEGIN
  WITH head AS (
    INSERT INTO portal_audithead AS h (stream, seq, prev, hash)
      VALUES (name, 1, genesis, sha256('\x00'::bytea || genesis || int8send(1) || digest))
      ON CONFLICT (stream) DO UPDATE SET seq = h.seq + 1, prev = h.hash,
        hash = sha256('\x00'::bytea || h.hash || int8send(h.seq + 1) || digest)
      RETURNING h.seq, h.prev, h.hash)
  INSERT INTO portal_auditentry (event_id, stream, seq, prev, hash, payload)
    SELECT e.id, name, head.seq, head.prev, head.hash, body FROM head;
END $$;
REVOKE EXECUTE ON FUNCTION portal_audit_append(portal_auditevent) FROM PUBLIC;

-- Which streams a transaction writes to, kept in the transaction itself; it decides only the order of locks.
CREATE FUNCTION portal_audit_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  known text := coalesce(current_setting('portal.audit_streams', true), '');
  name text := portal_audit_stream(NEW.tenant_id, NEW.authority_id);
BEGIN
  IF strpos(known, ',' || name || ',') = 0 THEN
    PERFORM set_config('portal.audit_streams', CASE known WHEN '' THEN ',' ELSE known END || name || ',', true);
  END IF;
  RETURN NEW;
END $$;

-- The shared lock lasts until the commit is over: whoever takes it alone for a moment knows that every position up to
-- the highest is there for all to see (portal_audit_horizon).
CREATE FUNCTION portal_audit_chain() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  known text := coalesce(current_setting('portal.audit_streams', true), '');
BEGIN
  IF known <> '' THEN
    PERFORM pg_advisory_xact_lock_shared(1635083369, 1);
    IF known LIKE ',%,%,' THEN
      INSERT INTO portal_audithead (stream, seq, prev, hash)
        SELECT s, 0, '', sha256(convert_to(s, 'UTF8')) FROM unnest(string_to_array(trim(both ',' from known), ',')) s
        ORDER BY s COLLATE "C" ON CONFLICT (stream) DO NOTHING;
      PERFORM 1 FROM portal_audithead WHERE stream = ANY (string_to_array(trim(both ',' from known), ','))
        ORDER BY stream COLLATE "C" FOR UPDATE;
    END IF;
    PERFORM set_config('portal.audit_streams', '', true);
  END IF;
  PERFORM portal_audit_append(NEW);
  RETURN NULL;
END $$;

-- Up to which position everything is there for all to see; it waits for commits under way, and holds nothing after.
CREATE FUNCTION portal_audit_horizon() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  highest bigint;
BEGIN
  PERFORM pg_advisory_lock(1635083369, 1);
  BEGIN
    SELECT max(position) INTO highest FROM portal_auditentry;
  EXCEPTION WHEN OTHERS OR query_canceled THEN
    PERFORM pg_advisory_unlock(1635083369, 1);
    RAISE;
  END;
  PERFORM pg_advisory_unlock(1635083369, 1);
  RETURN coalesce(highest, 0);
END $$;

-- Nothing is changed but an address taken out.
CREATE FUNCTION portal_audit_erase_only() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.address IS NOT NULL AND NEW.address IS NULL AND NEW.address_salt IS NULL
     AND to_jsonb(NEW) - '{address,address_salt}'::text[] = to_jsonb(OLD) - '{address,address_salt}'::text[] THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit trail is insert-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""

CHAIN = """
CREATE TRIGGER audit_note BEFORE INSERT ON portal_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_note();
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON portal_auditevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portal_audit_chain();
"""

EXISTING = """
DO $$ DECLARE e portal_auditevent; BEGIN
  FOR e IN SELECT * FROM portal_auditevent ORDER BY id LOOP PERFORM portal_audit_append(e); END LOOP;
END $$;
"""
"""Chains what an installation has recorded before it had a chain."""

REFUSALS = """
DROP TRIGGER audit_insert_only ON portal_auditevent;
CREATE TRIGGER audit_insert_only BEFORE DELETE ON portal_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_erase_only BEFORE UPDATE ON portal_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_erase_only();

-- Entries and heads are written inside the chain's own trigger and nowhere else.
CREATE TRIGGER audit_insert_only BEFORE UPDATE OR DELETE ON portal_auditentry
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_chain_only BEFORE INSERT ON portal_auditentry
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON portal_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_insert_only BEFORE DELETE ON portal_audithead
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_chain_only BEFORE INSERT OR UPDATE ON portal_audithead
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON portal_audithead
  FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_insert_only BEFORE UPDATE OR DELETE ON portal_auditcheckpoint
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON portal_auditcheckpoint
  FOR EACH STATEMENT EXECUTE FUNCTION portal_audit_refuse();
ALTER TABLE portal_audithead SET (fillfactor = 50);
"""

UNDO = """
DROP TRIGGER audit_insert_only ON portal_auditevent;
DROP TRIGGER audit_erase_only ON portal_auditevent;
DROP TRIGGER audit_note ON portal_auditevent;
DROP TRIGGER audit_chain ON portal_auditevent;
CREATE TRIGGER audit_insert_only BEFORE UPDATE OR DELETE ON portal_auditevent
  FOR EACH ROW EXECUTE FUNCTION portal_audit_refuse();
DROP TRIGGER audit_insert_only ON portal_auditentry;
DROP TRIGGER audit_chain_only ON portal_auditentry;
DROP TRIGGER audit_never_emptied ON portal_auditentry;
DROP TRIGGER audit_insert_only ON portal_audithead;
DROP TRIGGER audit_chain_only ON portal_audithead;
DROP TRIGGER audit_never_emptied ON portal_audithead;
DROP TRIGGER audit_insert_only ON portal_auditcheckpoint;
DROP TRIGGER audit_never_emptied ON portal_auditcheckpoint;
DROP FUNCTION portal_audit_erase_only();
DROP FUNCTION portal_audit_horizon();
DROP FUNCTION portal_audit_chain();
DROP FUNCTION portal_audit_note();
DROP FUNCTION portal_audit_append(portal_auditevent);
DROP FUNCTION portal_audit_payload(portal_auditevent);
DROP FUNCTION portal_audit_stream(bigint, bigint);
"""
