"""The public side of the demo world: authorities, providers, kinds, clusters, shares. All of it is invented."""

from __future__ import annotations

from resources.demo.cast_types import Authority, Cluster, Kind, Provider, Rack, Share

AUTHORITIES = (
    Authority(
        "lysvik",
        "Lysvik Compute Agency",
        "SE",
        "Vitsund",
        "Europe/Stockholm",
        {"quota.second_person_gpus": 64, "decision.days": 4},
    ),
    Authority("auental", "Rechenamt Auental", "DE", "Auental", "Europe/Berlin", {"onboarding.second_person": 1}),
    Authority("valmere", "Agence Valmère du calcul public", "FR", "Valmère", "Europe/Paris", {}),
    Authority("montelume", "Agenzia Calcolo Montelume", "IT", "Montelume", "Europe/Rome", {"decision.days": 15}),
)

PROVIDERS = (
    Provider("isgrund", "Isgrund Datahallar", "SE"),
    Provider("steinbuche", "Steinbuche Rechenzentren", "DE"),
    Provider("rocanova", "Rocanova Calcul", "FR"),
)

# Board power is the makers' (SXM boards). Idle power of the A100 is the tenth percentile that was measured on the
# Kalos cluster (InternLM/AcmeTrace, CC-BY-4.0: 63 W); the others are in proportion to what their boards idle at.
KINDS = (
    Kind("h100", "NVIDIA", "H100 SXM 80 GB", 80, "NVIDIA H100 80GB HBM3", 81559, 70, 700, 1980),
    Kind("h200", "NVIDIA", "H200 SXM 141 GB", 141, "NVIDIA H200", 143771, 76, 700, 1980),
    Kind("b200", "NVIDIA", "B200 SXM 180 GB", 180, "NVIDIA B200", 183359, 140, 1000, 1965),
    Kind("a100", "NVIDIA", "A100 SXM4 80 GB", 80, "NVIDIA A100-SXM4-80GB", 81920, 63, 400, 1410),
)

CLUSTERS = (
    Cluster(
        "norrsken", "Norrsken", "isgrund", "Vitsund", "SE",
        ("public", "internal", "confidential"), ("ISO/IEC 27001", "EN 50600"), confidential_computing=False,
        racks=(Rack("h100", 80, "nsk-h"), Rack("a100", 32, "nsk-a")),
    ),
    Cluster(
        "kaamos", "Kaamos", "isgrund", "Kaamosniemi", "FI",
        ("public", "internal", "confidential"), ("ISO/IEC 27001",), confidential_computing=False,
        racks=(Rack("h200", 64, "kam-t"),),
    ),
    Cluster(
        "eichwald", "Eichwald", "steinbuche", "Auental", "DE",
        ("public", "internal", "confidential", "restricted"), ("ISO/IEC 27001", "BSI C5"), confidential_computing=True,
        racks=(Rack("h100", 56, "eiw-h"), Rack("b200", 16, "eiw-b")),
    ),
    Cluster(
        "chantelune", "Chantelune", "rocanova", "Valmère", "FR",
        ("public", "internal", "confidential"), ("ISO/IEC 27001", "HDS"), confidential_computing=False,
        racks=(Rack("h200", 40, "chl-t"), Rack("a100", 24, "chl-a")),
    ),
    Cluster(
        "pietralba", "Pietralba", "rocanova", "Montelume", "IT",
        ("public", "internal"), ("ISO/IEC 27001",), confidential_computing=False,
        racks=(Rack("a100", 40, "pta-a"), Rack("h100", 16, "pta-h")),
    ),
)  # fmt: skip

SHARES = (
    Share("lysvik", "norrsken", "h100", 400),
    Share("auental", "norrsken", "h100", 150),
    Share("lysvik", "norrsken", "a100", 192),
    Share("montelume", "norrsken", "a100", 60),
    Share("lysvik", "kaamos", "h200", 332),
    Share("auental", "kaamos", "h200", 80),
    Share("valmere", "kaamos", "h200", 100),
    Share("auental", "eichwald", "h100", 412),
    Share("auental", "eichwald", "b200", 116),
    Share("valmere", "chantelune", "h200", 272),
    Share("montelume", "chantelune", "h200", 40),
    Share("valmere", "chantelune", "a100", 176),
    Share("montelume", "pietralba", "a100", 304),
    Share("montelume", "pietralba", "h100", 120),
)
