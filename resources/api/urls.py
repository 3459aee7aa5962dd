"""Endpoints of this app."""

from __future__ import annotations

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Put this app's endpoints on the router of /api/v1/."""
