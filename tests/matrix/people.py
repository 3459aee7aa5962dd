"""The people of the matrix, by name, and the groups that rows speak of."""

from __future__ import annotations

People = frozenset[str]

HOUSES = ("one", "two", "three")
CASES = ("asking", "drafting", "elsewhere")
OFFICE = {
    "one": "north",
    "two": "north",
    "three": "south",
    "asking": "north",
    "drafting": "north",
    "elsewhere": "south",
}

ADMIN = frozenset({"admin"})
OUTSIDE = frozenset({"anonymous", "inactive"})
"""Nobody is signed in, or not any more."""
OPERATORS = frozenset({"hill operator", "dale operator"})
OFFICERS = frozenset({"north officer", "south officer"})
APPROVERS = frozenset({"north approver", "south approver"})
AUDITORS = frozenset({"north auditor", "south auditor"})
STAFF = OFFICERS | APPROVERS | AUDITORS
OWNERS = frozenset({"one owner", "two owner", "three owner"})
TENANT_PEOPLE = OWNERS | {"one manager", "one member"}
APPLICANTS = frozenset({"asking applicant", "drafting applicant", "elsewhere applicant"})
SIGNED_IN = ADMIN | OPERATORS | STAFF | TENANT_PEOPLE | APPLICANTS | {"stranger", "ended"}
EVERYBODY = SIGNED_IN | OUTSIDE
NOBODY: People = frozenset()


def house(key: str) -> People:
    """The tenant's own people."""
    return frozenset(name for name in TENANT_PEOPLE if name.startswith(f"{key} "))


def office(key: str, *words: str) -> People:
    """The staff of the authority of a tenant or case; only these roles, if any are named."""
    return frozenset(f"{OFFICE[key]} {word}" for word in words or ("officer", "approver", "auditor"))


def tenant(key: str) -> People:
    """Who sees the tenant."""
    return house(key) | office(key)


def case(key: str) -> People:
    """Who sees the application: its people, and those of the office who decide or watch, once it was sent."""
    officials = NOBODY if key == "drafting" else office(key, "officer", "auditor")
    return frozenset({f"{key} applicant"}) | officials


def request(key: str) -> People:
    """Who sees the tenant's requests that were sent: also an approver whose authority has a share in the pool."""
    return tenant(key) | ({"south approver"} if key in {"one", "two"} else NOBODY)


def knows(key: str) -> People:
    """Who may find anything of the tenant or the case anywhere: also the operator of the cluster it uses."""
    if key in CASES:
        return case(key)
    if key.endswith(" draft"):
        return house(key.removesuffix(" draft"))
    return request(key) | {"dale operator" if key == "three" else "hill operator"}


KEYS = (*HOUSES, *(f"{key} draft" for key in HOUSES), *CASES)
IN_THE_RECORD = {
    **{f"{key} draft": office(key, "auditor") for key in HOUSES},
    **dict.fromkeys(CASES, ADMIN),
}
"""What the record tells beside everything else: that something was drafted and when; and the site's, by whom."""
