"""A private PostgreSQL and a private Valkey for evaluation, development and tests, and the supervisor of `make run`.

Nothing in here knows Django: settings need the addresses before Django is there.
"""
