"""Registers that are asked whether they know a number: one contract (base), one room per member."""

from tenants.verifiers import france, gleif, recorded, vies
from tenants.verifiers.base import verifier, verifiers

__all__ = ["france", "gleif", "recorded", "verifier", "verifiers", "vies"]
