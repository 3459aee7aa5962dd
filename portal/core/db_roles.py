"""The roles that the wall is made of, as SQL for whoever administers the database server.

``owner`` owns the tables and signs in nowhere; ``tenant``, ``officer`` and ``worker`` are what the application's login
turns into for one transaction; the login itself inherits none of them. The migrator, who may be another login, turns
into ``owner`` while it migrates.
"""

from __future__ import annotations

PREFIX = "portal"
FACES = ("tenant", "officer", "worker")
SETS_ITSELF_FROM = 16
"""From this PostgreSQL on a grant says by itself that it is not inherited."""


def statements(
    *, version: int, database: str, login: str, migrator: str, prefix: str = PREFIX, owns: bool = False
) -> list[str]:
    """Idempotent, in order; ``version`` is the server's major version. To be run inside ``database``.

    ``owns``: the login makes the tables itself, as in tests, and keeps what the owner of a database may do.
    """
    owner, faces = f"{prefix}_owner", [f"{prefix}_{name}" for name in FACES]
    made = [_made(name, "NOLOGIN NOINHERIT") for name in (owner, *faces)]
    made += [
        _given(owner, migrator, version),
        f"GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {_quoted(database)} TO {owner}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {owner}",
        f"GRANT TEMPORARY ON DATABASE {_quoted(database)} TO {', '.join(faces)}",
        _taken_over(owner, {login, migrator}),
    ]
    if version < SETS_ITSELF_FROM and not owns:  # from here on the owner of the database has no right by itself either
        made += [f"ALTER ROLE {_quoted(login)} NOINHERIT"]
    made += [_given(name, login, version) for name in faces]
    return made


def _made(name: str, options: str) -> str:
    return (
        f"DO $$ BEGIN CREATE ROLE {name} {options}; "
        f"EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _given(name: str, login: str, version: int) -> str:
    how = " WITH INHERIT FALSE, SET TRUE" if version >= SETS_ITSELF_FROM else ""
    return f"GRANT {name} TO {_quoted(login)}{how}"


def _taken_over(owner: str, logins: set[str]) -> str:
    """Tables and functions that an earlier version made under a login's own name."""
    return TAKE_OVER.format(owner=owner, names=", ".join(f"'{each}'" for each in sorted(logins)))


TAKE_OVER = """DO $$
DECLARE each record;
BEGIN
    FOR each IN
        SELECT c.oid::regclass AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
        WHERE c.relnamespace = 'public'::regnamespace AND r.rolname IN ({names}) AND (
            c.relkind IN ('r', 'p') OR (c.relkind = 'S' AND NOT EXISTS (
                SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))))
    LOOP EXECUTE format('ALTER %s %s OWNER TO {owner}', each.kind, each.name); END LOOP;
    FOR each IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.pronamespace = 'public'::regnamespace AND r.rolname IN ({names})
    LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', each.name); END LOOP;
END $$"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
