"""The cast of the tests: two authorities, two providers, three clusters, three tenants, and everybody around them.

Everything that belongs to somebody carries a word of its own in all its texts, and amounts that occur nowhere else,
so that a test can tell whose data an answer holds by looking for words.

    north (authority)  tenants one, two (shared)   provider hill: clusters shared (north, south), upper (north)
    south (authority)  tenant three (lower)        provider dale: cluster lower (south)

Dale's fourth pool, closed, is not cleared for anybody's data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from portal.models import User
from resources.models import CapacityPool, Cluster, Grant, Provider, QuotaRequest, Share
from resources.services.conditions import Condition
from resources.services.credentials import set_credential
from resources.services.decisions import approve_request
from resources.services.modes import begin_mode
from resources.services.request_documents import attach_document as attach_to_request
from resources.services.request_letters import write_letter
from resources.services.rules import begin_rule
from tenants.models import (
    ApiToken,
    Authority,
    Membership,
    OnboardingCase,
    PolicyRule,
    Project,
    Tenant,
    TokenScope,
    Webhook,
)
from tenants.services.case_letters import write_case_letter
from tenants.services.documents import attach_document
from tenants.services.onboarding import submit_case
from tenants.services.question_sets import begin_set, publish_set
from tenants.services.tokens import create_token
from tenants.services.webhooks import create_webhook, try_webhook
from tests.factories.people import make_admin, make_user
from tests.factories.resources import (
    make_cluster,
    make_draft,
    make_finding,
    make_kind,
    make_operator,
    make_pool,
    make_provider,
    make_request,
    make_rule,
    make_share,
    make_window,
)
from tests.factories.tenants import (
    case_facts,
    end_silently,
    make_authority,
    make_case,
    make_member,
    make_policy,
    make_project,
    make_staff,
    make_tenant,
    settle_checks,
)

NOBODY = AnonymousUser()
WORDS = {"one": "Quillon", "two": "Brackwater", "three": "Zephyrine", "asking": "Marrowgate", "drafting": "Ilverstone",
         "elsewhere": "Osterfell"}  # fmt: skip
GPUS = {"one": 1013, "two": 1117, "three": 1319}
ASKED = {"one": 4027, "two": 4129, "three": 4337}
CANARY = "canary-7c2f-of-all-clusters"
"""What every cluster's source is reached with; nobody is ever shown it."""
IDLE = {"one": 1009, "two": 1103, "three": 1307}
DRAFTED = {"one": 3041, "two": 3163, "three": 3257}


@dataclass
class House:
    """One tenant and what it has."""

    key: str
    tenant: Tenant
    project: Project
    owner: User
    draft: QuotaRequest
    open: QuotaRequest
    decided: QuotaRequest


@dataclass
class World:
    """Everybody and everything; ``people`` by name, ``houses`` by the tenant's word."""

    authorities: dict[str, Authority]
    providers: dict[str, Provider]
    clusters: dict[str, Cluster]
    pools: dict[str, CapacityPool]
    shares: dict[tuple[str, str], Share]
    people: dict[str, User | AnonymousUser]
    houses: dict[str, House]
    cases: dict[str, OnboardingCase]
    tokens: dict[str, ApiToken] = field(default_factory=dict)
    """Of the owner of each house, for it, with every scope."""
    token_texts: dict[str, str] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    """Of each house, made by its owner; one message of each was given up."""

    def marks(self, key: str) -> re.Pattern[str]:
        """What betrays that something of ``key`` is in a text: its word, its amounts, its ids.

        Keys are those of houses and cases, and "one draft": what a tenant only drafts is nobody else's.
        """
        if key.endswith(" draft"):
            house = self.houses[key.removesuffix(" draft")]
            return _any_of([house.draft], amounts=[DRAFTED[house.key]])
        if key in self.houses:
            house = self.houses[key]
            return _any_of(
                [house.tenant, house.project, house.open, house.decided], WORDS[key], [GPUS[key], ASKED[key], IDLE[key]]
            )
        return _any_of([self.cases[key]], WORDS[key])


def _any_of(rows: list[Any], word: str = "", amounts: Iterable[int] = ()) -> re.Pattern[str]:
    """Any of these ids, references, word and amounts, however a number is written ("1,013", "1013")."""
    found = {re.escape(name) for row in rows for name in (str(row.public_id), getattr(row, "reference", "")) if name}
    found |= {rf"(?<![\w.:-]){n // 1000}[,. \u00a0\u202f]?{n % 1000:03}(?![\w:-])" for n in amounts}
    return re.compile("|".join(sorted(found | ({re.escape(word)} if word else set()))), re.IGNORECASE)


def _number_the_record_from(start: int) -> None:
    """A record's number is in addresses and exports; no amount of the world may come up there by chance."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(name, greatest(%s, nextval(name))) FROM pg_get_serial_sequence('portal_auditevent', 'id') name",
            [start],
        )


def build() -> World:
    """The whole world, through the services wherever the portal has one."""
    _number_the_record_from(1_000_000)
    north = make_authority(name="North Office", slug="north")
    south = make_authority(name="South Office", slug="south")
    for authority in (north, south):
        make_policy(authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 90_000)
    hill, dale = make_provider(name="Hill Centre", slug="hill"), make_provider(name="Dale Centre", slug="dale")
    kind = make_kind(name="H100 SXM 80 GB", slug="h100")
    source = {"urls": ["https://source.example:9400/metrics"]}
    clusters = {
        "shared": make_cluster(provider=hill, name="Shared", slug="shared", collector_settings=source),
        "upper": make_cluster(provider=hill, name="Upper", slug="upper", collector_settings=source),
        "lower": make_cluster(provider=dale, name="Lower", slug="lower", collector_settings=source),
    }
    pools = {name: make_pool(18_000, cluster=cluster, kind=kind) for name, cluster in clusters.items()}
    shares = {
        ("shared", "north"): make_share(pools["shared"], north, 9_000),
        ("shared", "south"): make_share(pools["shared"], south, 9_000),
        ("upper", "north"): make_share(pools["upper"], north),
        ("lower", "south"): make_share(pools["lower"], south),
    }
    people: dict[str, User | AnonymousUser] = {
        "admin": make_admin(email="admin@site.test", full_name="Site Admin"),
        "stranger": make_user("stranger@nowhere.test", full_name="Some Stranger"),
        "anonymous": NOBODY,
    }
    for name, authority in (("north", north), ("south", south)):
        for role, word in (("onboarding_officer", "officer"), ("quota_approver", "approver"), ("auditor", "auditor")):
            person = make_user(f"{word}@{name}.test", full_name=f"{name} {word}".title())
            people[f"{name} {word}"] = make_staff(authority, role, person)
    for name, provider in (("hill", hill), ("dale", dale)):
        person = make_user(f"operator@{name}.test", full_name=f"{name} operator".title())
        people[f"{name} operator"] = make_operator(provider, person)
        for cluster in clusters.values():
            if cluster.provider == provider:
                set_credential(acting_user=person, cluster=cluster, purpose="source_token", secret=CANARY)
    world = World(
        {"north": north, "south": south}, {"hill": hill, "dale": dale}, clusters, pools, shares, people, {}, {}
    )
    _crowd(world)
    for key, authority, pool in (("one", north, "shared"), ("two", north, "shared"), ("three", south, "lower")):
        _settle_in(world, key, authority, pools[pool])
    _apply(world)
    _equip(world)
    _ask(world)
    for cluster in clusters.values():
        make_window(cluster=cluster, effect="interrupts", by=people[f"{cluster.provider.slug} operator"])
    pools["closed"] = make_pool(
        64, cluster=make_cluster(provider=dale, name="Closed", data_classes=["public"]), kind=kind
    )
    make_share(pools["closed"], south)
    return world


def _ask(world: World) -> None:
    """North works on questions of its own, south asks them."""
    for name, authority in world.authorities.items():
        officer = world.people[f"{name} officer"]
        assert isinstance(officer, User)
        questions = begin_set(acting_user=officer, authority=authority)
        approver = world.people[f"{name} approver"]
        assert isinstance(approver, User)
        if name == "north":
            begin_mode(acting_user=approver, authority=authority, slug="playground")
            begin_rule(acting_user=approver, authority=authority, slug="playground")
            make_rule(authority, officer, approver, slug="running", modes=["flood"])
        if name == "south":
            publish_set(acting_user=officer, row=questions, note="Ours")


def _crowd(world: World) -> None:
    """Somebody else on every pool, so that a pool's sum is never one tenant's own amount."""
    for (name, office), share in world.shares.items():
        tenant = make_tenant(authority=world.authorities[office], name=f"Crowd of {name} {office}")
        owner = make_member(tenant, "owner")
        request = make_request(make_project(tenant), share.pool, owner, 211)
        approver = world.people[f"{office} approver"]
        assert isinstance(approver, User)
        approve_request(acting_user=approver, request=request)
        assert world.pools[name] == share.pool


def _settle_in(world: World, key: str, authority: Authority, pool: CapacityPool) -> None:
    word = WORDS[key]
    tenant = make_tenant(
        authority=authority, name=f"{word} Institute", slug=word.lower(), legal_id=f"{word} 77",
        contact_email=f"desk@{word.lower()}.test",
    )  # fmt: skip
    for role in ("owner", "project_manager", "member") if key == "one" else ("owner",):
        name = role.removeprefix("project_")
        person = make_user(f"{name}@{word.lower()}.test", full_name=f"{word} {name.title()}")
        world.people[f"{key} {name}"] = make_member(tenant, role, person)
    owner = world.people[f"{key} owner"]
    assert isinstance(owner, User)
    project = make_project(tenant, name=f"{word} models", slug=f"{word.lower()}-models", purpose=f"Of {word} alone")
    requests = {
        "draft": make_draft(project, pool, owner, DRAFTED[key], purpose=f"What {word} wants"),
        "open": make_request(project, pool, owner, ASKED[key], purpose=f"What {word} wants"),
        "decided": make_request(project, pool, owner, GPUS[key], purpose=f"What {word} wants"),
    }
    attach_to_request(
        acting_user=owner, request=requests["open"], name=f"{word} plan.txt", content=f"Of {word}".encode()
    )
    approver = world.people["north approver" if authority.slug == "north" else "south approver"]
    assert isinstance(approver, User)
    paper = Condition(f"A paper of {word}", timezone.localdate() + timedelta(days=20))
    approve_request(acting_user=approver, request=requests["decided"], reason=f"{word} may", conditions=[paper])
    write_letter(requests["decided"].pk)
    make_finding(Grant.objects.get(line__request=requests["decided"]), state="notified", gpus=IDLE[key])
    world.houses[key] = House(key, tenant, project, owner, **requests)
    if key == "one":
        gone = make_user("former@old.test", full_name="Former Member")
        end_silently(Membership.objects.get(user=make_member(tenant, "owner", gone)))
        asleep = make_member(tenant, "owner", make_user("asleep@old.test", full_name="Inactive Member"))
        User.objects.filter(pk=asleep.pk).update(is_active=False)
        asleep.is_active = False
        world.people |= {"ended": gone, "inactive": asleep}


def _equip(world: World) -> None:
    """A machine of each tenant's owner, and an address that is told what happens there."""
    for key, house in world.houses.items():
        world.webhooks[key], _secret = create_webhook(
            acting_user=house.owner, place=house.tenant, name=f"{WORDS[key]} hook",
            url=f"https://{WORDS[key].lower()}.test/",
        )  # fmt: skip
        house.owner.saved_views.create(page="requests", name=f"{WORDS[key]} view", query=f"q={WORDS[key]}")
        try_webhook(acting_user=house.owner, webhook=world.webhooks[key])
        world.webhooks[key].deliveries.update(state="given_up")
        world.tokens[key], world.token_texts[key] = create_token(
            acting_user=house.owner, name=f"{WORDS[key]} robot", place=house.tenant, scopes=TokenScope.values,
            expires_at=timezone.now() + timedelta(days=30),
        )  # fmt: skip


def _apply(world: World) -> None:
    """Three applications: one sent to north, one drafted for it, one sent to south; each by a person of its own."""
    for key, state, office in (
        ("asking", "submitted", "north"), ("drafting", "draft", "north"), ("elsewhere", "submitted", "south")
    ):  # fmt: skip
        word = WORDS[key]
        person = make_user(f"applicant@{word.lower()}.test", full_name=f"{word} Applicant")
        facts = case_facts(
            organisation=f"{word} Works", purpose=f"For {word}", contact_email=f"desk@{word.lower()}.test",
            legal_id=f"{word} 88",
        )  # fmt: skip
        world.people[f"{key} applicant"] = person
        world.cases[key] = make_case("draft", person, authority=world.authorities[office], **facts)
        attach_document(
            acting_user=person, case=world.cases[key], name=f"{word} statutes.txt", content=f"Of {word}".encode()
        )
        if state != "draft":
            submit_case(acting_user=person, case=world.cases[key])
            settle_checks(world.cases[key])
            _write_to(world, key, office)


def _write_to(world: World, key: str, office: str) -> None:
    """A letter about the application and a condition, as if it had been decided before; it is open."""
    officer = world.people[f"{office} officer"]
    assert isinstance(officer, User)
    case = world.cases[key]
    step = case.decisions.create(authority=case.authority, step=1, decider=officer, outcome="ask", reason="?")
    write_case_letter(acting_user=officer, case=case, decision=step, kind="case.approved", facts={})
    case.conditions.create(
        authority=case.authority, decision=step, number=1, text=f"Something of {WORDS[key]}", responsible="They", state="open",
        due_at=timezone.now() + timedelta(days=90),
    )  # fmt: skip
