"""What is sealed opens for its own row, with its own key, and not otherwise."""

from __future__ import annotations

import pytest

from portal.core.sealing import FORM, Unopenable, current_key, key_of, seal, unseal

ROW = ("resources.ClusterCredential", "a row", "a cluster")


@pytest.fixture
def keys(settings):
    settings.CREDENTIAL_KEYS = {"new": b"n" * 32, "old": b"o" * 32}
    return settings


def test_seal_and_open_gives_the_secret_back(keys):
    sealed = seal("s3cret – ü", ROW)
    assert unseal(sealed, ROW) == "s3cret – ü"
    assert (sealed[0], key_of(sealed), current_key()) == (FORM, "new", "new")
    assert b"s3cret" not in sealed
    assert seal("s3cret – ü", ROW) != sealed


@pytest.mark.parametrize(
    "identity",
    [
        ("resources.ClusterCredential", "another row", "a cluster"),
        ("resources.ClusterCredential", "a row", "another cluster"),
        ("resources.ClusterCredential", "a row"),
        ("resources.ClusterCredential", "a rowa", " cluster"),
        ("another.Model", "a row", "a cluster"),
    ],
)
def test_open_in_another_row_is_refused(keys, identity):
    with pytest.raises(Unopenable) as refused:
        unseal(seal("secret", ROW), identity)
    assert refused.value.key_name == ""


def test_open_with_an_older_key_works_while_it_is_there(keys):
    keys.CREDENTIAL_KEYS = {"old": b"o" * 32}
    sealed = seal("secret", ROW)
    keys.CREDENTIAL_KEYS = {"new": b"n" * 32, "old": b"o" * 32}
    assert unseal(sealed, ROW) == "secret"
    keys.CREDENTIAL_KEYS = {"new": b"n" * 32}
    with pytest.raises(Unopenable) as refused:
        unseal(sealed, ROW)
    assert refused.value.key_name == "old"


def test_open_with_another_key_of_the_same_name_is_refused(keys):
    sealed = seal("secret", ROW)
    keys.CREDENTIAL_KEYS = {"new": b"x" * 32}
    with pytest.raises(Unopenable):
        unseal(sealed, ROW)


def test_open_of_something_changed_is_refused_at_every_byte(keys):
    sealed = seal("secret", ROW)
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(Unopenable):
            unseal(bytes(broken), ROW)


@pytest.mark.parametrize("text", [b"", b"\x01", b"\x01\x03new", b"\x02\x03new" + bytes(40), b"plain text", bytes(60)])
def test_open_of_what_was_never_sealed_is_refused(keys, text):
    with pytest.raises(Unopenable):
        unseal(text, ROW)
