from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings import env

KEY = f"k1:{'A' * 43}="


def test_database_url_with_everything_is_read():
    read = env.database("postgresql://ann%40x:s%2Fcret@db.example:6543/por%20tal?sslmode=require", pool=4)
    assert {name: read[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "por tal",
        "USER": "ann@x",
        "PASSWORD": "s/cret",
        "HOST": "db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require", "pool": {"min_size": 1, "max_size": 4, "timeout": 10}},
    }


def test_database_url_of_a_socket_folder_is_read():
    read = env.database("postgresql://portal@/portal?host=/run/portal")
    assert (read["HOST"], read["PORT"], read["OPTIONS"]) == ("/run/portal", "", {})


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://x/y", "must begin with postgresql://"),
        ("postgresql://localhost", "names no database"),
        ("postgresql://localhost:word/x", "cannot be read"),
    ],
)
def test_database_url_that_cannot_be_used_is_named(url, sentence):
    with pytest.raises(ImproperlyConfigured, match=f"DATABASE_URL .*{sentence}|DATABASE_URL {sentence}"):
        env.database(url)


@pytest.mark.parametrize(
    ("url", "redis", "celery"),
    [
        ("redis://:s@h:1/2", "redis://:s@h:1/5", "redis://:s@h:1/5"),
        ("rediss://h?ssl_cert_reqs=none", "rediss://h/3?ssl_cert_reqs=none", "rediss://h/3?ssl_cert_reqs=none"),
        ("unix:///run/v.sock", "unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("unix:///run/v.sock?db=4", "unix:///run/v.sock?db=7", "redis+socket:///run/v.sock?virtual_host=7"),
    ],
)
def test_redis_url_has_a_spelling_for_each_library(url, redis, celery):
    assert env.redis_urls(url, 3) == {"redis": redis, "celery": celery}


@pytest.mark.parametrize("url", ["http://h", "redis://h/word"])
def test_redis_url_that_cannot_be_used_is_named(url):
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL must"):
        env.redis_urls(url, 0)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda: env.flag("X", default=True), "perhaps", "X is 'perhaps'; write 1 or 0."),
        (lambda: env.number("X", 1), "many", "X is 'many'; write a whole number."),
        (lambda: env.number("X", 1, low=1, high=9), "10", "X is 10; it must lie between 1 and 9."),
    ],
)
def test_value_of_the_wrong_type_is_named(monkeypatch, read, value, sentence):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()
    assert str(refused.value) == sentence


def test_value_that_is_empty_counts_as_unset(monkeypatch):
    monkeypatch.setenv("X", " ")
    assert (env.text("X", "a"), env.flag("X", default=True), env.number("X", 7), env.listed("X", ("b",))) == (
        "a",
        True,
        7,
        ["b"],
    )


def test_secret_is_made_once_and_kept_private(tmp_path):
    file = tmp_path / "deep" / "secret_key"
    first = env.kept_secret(file)
    assert (env.kept_secret(file), len(first) > 40, file.stat().st_mode & 0o777) == (first, True, 0o600)


def test_credential_keys_are_read_in_order_from_the_variable_or_a_file(tmp_path, monkeypatch):
    file = tmp_path / "keys"
    file.write_text(f"# the new one\nk2:{'B' * 43}=\n{KEY}\n")
    monkeypatch.setenv("CREDENTIAL_KEYS_FILE", str(file))
    assert list(env.credential_keys(env.from_file("CREDENTIAL_KEYS"))) == ["k2", "k1"]
    monkeypatch.setenv("CREDENTIAL_KEYS", KEY)
    assert env.credential_keys(env.from_file("CREDENTIAL_KEYS")) == {"k1": bytes(32)}
    assert len(env.credential_keys(env.make_credential_key())["k1"]) == 32


@pytest.mark.parametrize("text", ["", "k1", "k1:", f"{KEY}, {KEY}", f"a b:{'A' * 43}=", "k1:AAAA", "# nothing"])
def test_credential_keys_that_cannot_be_used_are_named(text):
    with pytest.raises(ImproperlyConfigured, match="CREDENTIAL_KEYS"):
        env.credential_keys(text)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "x"}, "ALLOWED_HOSTS is not set"),
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "h, *"}, "ALLOWED_HOSTS is *"),
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "h"}, "CREDENTIAL_KEYS is not set"),
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "h", "CREDENTIAL_KEYS": "k1:short"}, "CREDENTIAL_KEYS cannot be read"),
        (
            {"SECRET_KEY": "x", "ALLOWED_HOSTS": "h", "CREDENTIAL_KEYS_FILE": "/nowhere"},
            "CREDENTIAL_KEYS_FILE cannot be",
        ),
        ({"SECRET_KEY": "x", "ALLOWED_HOSTS": "h", "CREDENTIAL_KEYS": KEY}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL must begin with postgresql://"),
    ],
)
def test_production_without_what_it_needs_ends_in_one_sentence(variables, sentence):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"DJANGO_SETTINGS_MODULE": "portal.settings.production", "PATH": "/usr/bin:/bin"} | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith(sentence)
    assert len(ended.stderr.splitlines()) == 1
