"""Quotas as people come by them: in part from two authorities' shares, where data is kept apart, and after an appeal."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.browser import Person, fill
from tests.journeys.stage import prepare
from tests.journeys.test_three_journeys import day

RESEARCHER = "astrid.norell@isfall-genomics.example"
LYSVIK = ("olof.backman@lysvik.example", "sanna.ekholm@lysvik.example")
VALMERE = ("bastien.roche@valmere.example", "noemie.sorel@valmere.example")
MINISTRY, AUENTAL = "wiebke.arens@justiz-auental.example", "jonas.adler@auental.example"
REGION = "birgit.ros@region-vitsund.example"
OTHER_OWNER = "freja.holm@norvik-weather.example"
GROUNDS = "Nothing says how many people ask in these languages."
APPEAL = "Eleven thousand did last year; the figures are in the council’s minutes of May."
IN_FORCE = 60_000
"""Milliseconds in which a decision is on the cluster and read back."""


def asked(page: Page, purpose: str, mode: dict[str, str] | None = None, **line: Any) -> str:
    """Fill in what is left of the form and send it; the request's address."""
    for name, answer in (mode or {}).items():
        fill(page, **{f"mode_{name}": answer})
    fill(page, purpose=purpose, **line)
    expect(page.locator("#offer")).to_contain_text("Can be given over this period")
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("h1")).to_contain_text("asks for")
    return re.sub(r"^https?://[^/]+", "", page.url)


def choose_mode(page: Page, name: str) -> None:
    """The form shows what the chosen access mode asks."""
    page.get_by_text(name, exact=True).click()
    expect(page.get_by_text(f"What “{name}” asks")).to_be_visible()


def decided(
    page: Page, choice: str, button: str, *, reason: str = "", gpus: int | None = None, rest: bool = False
) -> None:
    """Both steps of a decision about one line."""
    expect(page.locator("#decision")).to_be_visible()
    fill(page, decision=choice, reason=reason)
    if gpus is not None:
        page.locator("[name^=line_]").fill(str(gpus))
        expect(page.locator("#impact")).to_contain_text(f"+{gpus} of")
    if rest:
        page.locator("[name^=rest_]").check(force=True)
    page.get_by_role("button", name="Review and confirm").click()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page).not_to_have_url(re.compile("/decide/$"))


def of_api(person: Person, path: str) -> Any:
    """What the API answers to the same person."""
    answer = person.context.request.get(f"{person.address}/api/v1{path}")
    assert answer.status == 200, answer.text()
    return answer.json()


def pool_on(person: Person, cluster: str) -> str:
    """How the form of somebody who may ask there calls the first pool of the cluster."""
    page = person.go("/requests/new/")
    fill(page, project=page.locator("#id_project option").nth(1).get_attribute("value"))
    options = page.locator("#id_pool option", has_text=cluster)
    expect(options).not_to_have_count(0)
    return options.first.get_attribute("value") or ""


def on_engine(product: Any, cluster: str, namespace: str) -> dict[str, int]:
    """What the cluster's engine itself holds: kind → GPUs that the namespace may have."""
    found = re.search(rf"{cluster} answers at (http://127\.0\.0\.1:\d+)/metrics", product.said())
    assert found, product.said()
    with urllib.request.urlopen(f"{found[1]}/engine/quotas/{namespace}", timeout=10) as answer:
        return {each["kind"]: each["limit"] for each in json.load(answer)["quotas"]}


def told(person: Person, text: str | re.Pattern[str]) -> None:
    """The notification is among the newest of the person."""
    page = person.go("/notifications/")
    expect(page.locator("main")).to_contain_text(text)


def test_a_university_gets_132_of_144_gpus_from_two_authorities_shares(demo, visit):
    prepare(demo, "whole_genomes")
    owner = visit(demo).sign_in(RESEARCHER)
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Whole genomes"))
    choose_mode(page, "Large scale")
    address = asked(
        page, "A foundation model of whole genomes of the north.",
        {"needs": "128 GPUs since spring; 9 of 10 hours busy.", "outcome": "An open model.", "plan": "Three phases."},
        pool=re.compile("H200.*Kaamos"), amount="144", since=day(0), until=day(90),
    )  # fmt: skip
    expect(page.locator("h1")).to_contain_text("asks for 144 H200")

    first = visit(demo).sign_in(LYSVIK[0]).go(address)
    expect(first.locator("#impact")).to_contain_text("Does not fit")
    decided(
        first, "part", "Approve 80 GPUs", gpus=80, rest=True,
        reason="What is left of our share; the rest is for the French share to decide.",
    )  # fmt: skip
    expect(first.locator("main")).to_contain_text("Waits for a second person")
    second = visit(demo).sign_in(LYSVIK[1]).go(address)
    decided(second, "confirm", "Confirm 80 GPUs")
    expect(second.locator("main")).to_contain_text("Decided so far")
    expect(page.locator("main")).to_contain_text("confirmed it as the second person")  # by itself

    third = visit(demo).sign_in(VALMERE[0]).go(address)
    fill(third, decision="part")
    third.locator("[name^=line_]").fill("52")
    expect(third.locator("#impact")).to_contain_text(re.compile(r"\d+ past the line"))
    third.get_by_role("button", name="Review and confirm").click()
    expect(third.locator("main")).to_contain_text(re.compile("past the policy line|policy line", re.IGNORECASE))
    fill(third, reason="Worth passing the line: nothing else is planned on Kaamos until spring.")
    third.get_by_role("button", name="Review and confirm").click()
    third.get_by_role("button", name="Approve 52 GPUs").click()
    expect(third.locator("main")).to_contain_text("Waits for a second person")
    fourth = visit(demo).sign_in(VALMERE[1]).go(address)
    expect(fourth.locator("#impact")).to_contain_text("past the line")
    decided(fourth, "confirm", "Confirm 52 GPUs")

    # nobody reloads: the page of the university moves by itself, until the cluster says so too
    expect(page.locator("main")).to_contain_text("Approved in part")
    expect(page.locator("#quotas")).to_contain_text("cluster says 132 of 132", timeout=IN_FORCE)
    assert on_engine(demo, "Kaamos", "isfall-genomics-whole-genomes") == {"h200": 132}
    expect(page.locator("main")).to_contain_text("Worth passing the line")
    state = of_api(owner, address)
    steps = [(each["decider"], each["over_line"], each["lines"][0]["granted"]) for each in state["decisions"]]
    assert state["state"] == "partially_approved"
    assert steps == [
        ("Olof Backman", False, 80), ("Sanna Ekholm", False, 80), ("Bastien Roche", True, 52), ("Noémie Sorel", True, 52),
    ]  # fmt: skip
    page.locator("#letters").get_by_role("link", name=re.compile("^GPUs for Whole genomes: approved in part")).click()
    expect(page.locator("main")).to_contain_text("80 H200")
    expect(page.locator("main")).to_contain_text("52 H200")
    expect(page.locator("main")).to_contain_text("by Olof Backman, Bastien Roche, Sanna Ekholm, Noémie Sorel")
    prepare(demo, "over", "isfall-genomics-whole-genomes")  # others ask on Kaamos too


def test_a_ministrys_restricted_data_is_offered_and_given_confidential_computing_alone(demo, visit):
    prepare(demo, "ministry")
    owner = visit(demo).sign_in(MINISTRY)
    page = owner.go("/")
    page.get_by_role("link", name="Open a project").first.click()
    fill(page, name="Court files", stage="inference", data_class="restricted")
    page.get_by_role("button", name="Open the project").click()
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Court files"))
    choose_mode(page, "Fast lane")
    offered = page.locator("#id_pool optgroup[label='A cluster that you name'] option")
    assert offered.all_inner_texts() == ["B200 SXM 180 GB · Eichwald, Auental", "H100 SXM 80 GB · Eichwald, Auental"]

    fill(
        page, mode_needs="One node, 40 hours.", purpose="Summaries of files under seal.", pool=re.compile("B200.*Eichwald"),
        amount="8", since=day(0), until=day(60),
    )  # fmt: skip
    named = page.locator("#id_pool option:checked")
    named.evaluate("(option, other) => { option.value = other }", pool_on(visit(demo).sign_in(OTHER_OWNER), "Kaamos"))
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the clusters offered.")
    fill(page, pool=re.compile("B200.*Eichwald"))
    page.get_by_role("button", name="Send request").click()
    expect(page.locator("h1")).to_contain_text("asks for 8 B200")
    address = page.url.removeprefix(demo.address)
    desk = visit(demo).sign_in(AUENTAL).go(address)
    expect(desk.locator("main")).to_contain_text("Restricted")
    decided(desk, "approve", "Approve 8 GPUs", reason="Patient and court data may be there, and only there.")
    expect(page.locator("#quotas")).to_contain_text("cluster says 8 of 8", timeout=IN_FORCE)  # without a reload
    assert on_engine(demo, "Eichwald", "ministerium-der-justiz-auental-court-files") == {"b200": 8}


def test_a_refusal_is_appealed_and_decided_by_somebody_else(demo, visit):
    owner = visit(demo).sign_in(REGION)
    page = owner.go("/requests/new/")
    fill(page, project=re.compile("Citizen desk"))
    choose_mode(page, "Fast lane")
    address = asked(
        page, "Answers in five more languages.", {"needs": "40 GPUs since last year."},
        pool=re.compile("A100.*Norrsken"), amount="4", since=day(0), until=day(80),
    )  # fmt: skip
    first = visit(demo).sign_in(LYSVIK[0])
    desk = first.go(address)
    decided(desk, "reject", "Refuse request", reason=GROUNDS)
    expect(page.locator("main")).to_contain_text(GROUNDS)  # by itself
    expect(page.locator("#letters")).to_contain_text("refus", timeout=IN_FORCE)
    letter = page.locator("#letters a").first.get_attribute("href")
    page.get_by_role("link", name="Appeal", exact=True).click()
    fill(page, text=APPEAL)
    page.get_by_role("button", name="Send the appeal").click()
    expect(page.locator("main")).to_contain_text("Appealed")

    desk = first.go(address)
    expect(desk.locator("main")).to_contain_text("appealed against a decision that you took")
    expect(desk.locator("#decision")).to_have_count(0)
    second = visit(demo).sign_in(LYSVIK[1])
    told(second, "appeal")
    desk = second.go(address)
    expect(desk.locator("main")).to_contain_text(APPEAL)
    decided(desk, "approve", "Approve 4 GPUs", reason="The figures are there now.")
    expect(page.locator("main")).to_contain_text("Approved")  # by itself
    expect(page.locator("#quotas")).to_contain_text(re.compile(r"cluster says (\d+) of \1"), timeout=IN_FORCE)
    assert on_engine(demo, "Norrsken", "region-vitsund-citizen-desk")["a100"] == 44
    owner.go(letter)
    expect(page.locator("main")).to_contain_text(GROUNDS)
