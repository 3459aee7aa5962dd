from __future__ import annotations

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Newest first, by cursor: page 2,000 costs what page 1 costs. ``size`` may ask for up to 100 rows."""

    page_size = 50
    page_size_query_param = "size"
    max_page_size = 100
    ordering = ("-created_at", "-id")
