from __future__ import annotations

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


@method_decorator([login_required, csp_update({"style-src": "'unsafe-inline'", "img-src": "data:"})], name="dispatch")
class SwaggerPage(SpectacularSwaggerSplitView):
    """Swagger UI styles its elements inline; this address alone allows that, and still no inline script."""

    template_name = "portal/api_docs.html"
