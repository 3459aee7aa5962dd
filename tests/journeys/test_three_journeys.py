"""The three journeys, clicked through: apply and be admitted; ask for GPUs and get them; watch them live."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from resources.demo import cast
from tests.journeys.applying import verify
from tests.journeys.browser import fill

APPLICANT, OFFICER = "stina.hagg@sjohagen.example", "maja.lindqvist@lysvik.example"
APPROVER, OWNER = "olof.backman@lysvik.example", "freja.holm@norvik-weather.example"
ORGANISATION = "Fjällvind Turbines"
APPLICATION: list[dict[str, str]] = [
    {"kind": "industry", "country": "SE", "legal_form": "Aktiebolag", "legal_id": "5560360793", "employees": "180",
     "sme": "yes", "controlled_abroad": "no", "sector": "energy", "nis2": "important", "nis2_registered": "yes"},
    {"contact_name": "Stina Hägg", "signatory_name": "Stina Hägg", "signatory_role": "Managing director",
     "mandate": "register", "security_email": "soc@fjallvind.example", "security_phone": "+46 8 123 456 78"},
    {"data_class": "internal", "personal_data": "none", "support_location": "eea"},
    {"purpose": "Forecast the wear of turbine blades from vibration records.", "ai_role": "provider",
     "high_risk": "none", "gpai": "no", "no_prohibited": "yes", "end_use": "product", "end_user_region": "union", "dual_use": "no", "no_sanctions": "yes"},
]  # fmt: skip


def day(number: int) -> str:
    """So many days from today, as a form takes it."""
    return (datetime.now(UTC) + timedelta(days=number)).strftime("%Y-%m-%d")


def test_an_organisation_applies_and_an_officer_admits_it(demo, visit):
    applicant = visit(demo).sign_in(APPLICANT)
    page = applicant.go("/apply/")
    fill(page, authority=re.compile("Lysvik"), kind="industry", organisation=ORGANISATION)
    page.get_by_role("button", name="Begin the application").click()
    for step in APPLICATION:
        for name, value in step.items():
            fill(page, **{name: value})  # some appear only after the answer before
        page.get_by_role("button", name=re.compile("^(Save and go on|Go on to check and send)$")).click()
    expect(page.locator("main")).to_contain_text("180")
    page.get_by_role("button", name="Send the application").click()
    expect(page.locator("h1")).to_contain_text(ORGANISATION)
    expect(page.get_by_role("status").filter(has_text="New")).to_be_visible()

    officer = visit(demo).sign_in(OFFICER)
    desk = officer.go("/applications/")
    desk.get_by_role("link", name=ORGANISATION).click()
    expect(desk.locator("#case-facts")).to_contain_text("vibration records")
    verify(desk)
    fill(desk, outcome="approve")
    expect(desk.locator("#effect")).to_contain_text("becomes its owner")
    desk.get_by_role("button", name="Go on").click()
    desk.get_by_role("button", name="Approve the application").click()
    expect(desk.locator("#case-facts")).to_contain_text("Approved")

    expect(page.locator("#case-facts")).to_contain_text("Approved")  # by itself
    applicant.go("/")
    expect(page.locator("h1")).to_contain_text(ORGANISATION)
    expect(page.locator("main")).to_contain_text("Owner")


def test_the_owner_asks_for_gpus_and_they_come_into_force(demo, visit):
    owner, approver = visit(demo).sign_in(APPLICANT), visit(demo).sign_in(APPROVER)
    page = owner.go("/")
    page.get_by_role("link", name="Open a project").first.click()
    fill(page, name="Blade wear", stage="training", data_class="internal")
    page.get_by_role("button", name="Open the project").click()
    owner.go("/requests/new/")
    fill(page, project=re.compile("Blade wear"))
    option = page.locator("#id_pool option", has_text=re.compile("H100.*Norrsken"))
    expect(option).to_have_count(1)
    page.get_by_text("Fast lane").click()
    expect(page.locator("#id_mode_needs")).to_be_visible()
    fill(page, mode_needs="One node, 40 hours.")
    fill(page, pool=re.compile("H100.*Norrsken"), amount="4", since=day(0),
         until=day(60), purpose="Two nodes for a first model.")  # fmt: skip
    expect(page.locator("#offer")).to_contain_text("Can be given over this period")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("h1")).to_contain_text("asks for 4")
    address = page.url.removeprefix(demo.address)

    desk = approver.go("/requests/")
    desk.get_by_role("link", name=re.compile(ORGANISATION)).first.click()
    expect(desk).to_have_url(re.compile(re.escape(address)))
    expect(desk.locator("#impact")).to_contain_text(re.compile(r"\d"))  # capacity before and after
    fill(desk, decision="approve")
    desk.get_by_role("button", name="Review and confirm").click()
    desk.get_by_role("button", name="Approve 4 GPUs").click()
    expect(desk.locator("main")).to_contain_text("Approved")

    expect(page.locator("main")).to_contain_text("cluster says 4 of 4", timeout=60_000)  # without a reload


@pytest.mark.parametrize(
    ("choice", "reason", "button", "outcome"),
    [("part", "Two are enough to begin with.", "Approve 2 GPUs", "Approved in part"),
     ("reject", "There is no data agreement yet.", "Refuse request", "Refused")],
)  # fmt: skip
def test_an_approver_gives_a_part_or_refuses_with_a_reason(demo, visit, choice, reason, button, outcome):
    owner, approver = visit(demo).sign_in(OWNER), visit(demo).sign_in(APPROVER)
    page = owner.go("/requests/new/")
    fill(page, project=page.locator("#id_project option").nth(1).get_attribute("value"))
    page.get_by_text("Fast lane").click()
    expect(page.locator("#id_mode_needs")).to_be_visible()
    fill(page, mode_needs="One node, 40 hours.")
    pool = page.locator("#id_pool option", has_text=re.compile("Norrsken")).first
    expect(pool).to_have_count(1)
    fill(page, pool=pool.get_attribute("value"), amount="8", since=day(0),
         until=day(30), purpose=f"To be answered: {choice}")  # fmt: skip
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("h1")).to_contain_text("asks for 8")
    desk = approver.go(page.url.removeprefix(demo.address))
    fill(desk, decision=choice)
    if choice == "part":
        desk.locator(".partial input").first.fill("2")
        expect(desk.locator("#impact")).to_contain_text("2")
    fill(desk, reason=reason)
    desk.get_by_role("button", name="Review and confirm").click()
    desk.get_by_role("button", name=button).click()
    expect(desk.locator("main")).to_contain_text(outcome)
    expect(page.locator("main")).to_contain_text(reason)


def frames_of(page):
    """Everything that comes over the page's socket from now on: decoded texts, and the binary frames."""
    texts, binaries = [], []

    def heard(payload):
        (texts if isinstance(payload, str) else binaries).append(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", heard))
    return texts, binaries


def test_a_tenant_sees_its_own_gpus_alone_on_the_page_and_on_the_wire(demo, visit):
    owner = visit(demo).sign_in(OWNER)
    page = owner.open_page()
    texts, binaries = frames_of(page)
    page.goto(demo.address + "/capacity/")
    expect(page.locator("#live-pill")).to_have_attribute("data-state", "open", timeout=40_000)
    page.wait_for_function("() => [...window.portalLive.clusters.values()].some(c => c.seq > 0)")
    page.wait_for_timeout(8_000)
    boot = json.loads(page.locator("#live-boot").text_content() or "{}")
    own = next(tenant for tenant in cast.TENANTS if tenant.slug == "norvik-weather")
    others = [tenant for tenant in cast.TENANTS if tenant is not own]
    everything = page.content() + json.dumps(boot) + "".join(texts)
    assert [tenant.name for tenant in others if tenant.name in everything] == []
    assert [tenant.slug for tenant in others if f"{tenant.slug}-" in everything] == []
    assert binaries == []  # the state of every GPU is for those who see the whole cluster
    keys = {key for cluster in boot["clusters"] for key in cluster.get("t", {})}
    messages = [json.loads(text) for text in texts]
    ticks = [message for message in messages if message["type"] == "tick"]
    assert ticks
    assert all(message.get("whole") is None for message in ticks)
    assert all("whole" not in cluster for cluster in boot["clusters"])
    assert {key for message in ticks for key in message.get("t", {})} <= keys
    assert len(keys) == 1


def test_an_authority_sees_tiles_chart_map_clusters_and_tenants_move(demo, visit):
    approver = visit(demo).sign_in(APPROVER)
    page = approver.go("/capacity/")
    expect(page.locator("#live-pill")).to_have_attribute("data-state", "open", timeout=40_000)
    expect(page.locator("[data-total] [data-field=allocated]")).to_have_text(re.compile(r"^[\d,]{3,}$"))
    expect(page.locator("#chart-load canvas").first).to_be_visible()
    expect(page.locator("article.cluster")).not_to_have_count(0)
    expect(page.locator("main")).to_contain_text("Norvik")
    before = page.evaluate("() => Math.max(...[...portalLive.clusters.values()].map(c => c.seq))")
    page.wait_for_function("n => Math.max(...[...portalLive.clusters.values()].map(c => c.seq)) > n", arg=before)
    page.locator("#gpu-map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#gpu-map-spoken")).not_to_be_empty()
