from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class PortalRenderer(TemplatesSetting):
    """Every form of the portal, allauth's included, through one field template."""

    form_template_name = "portal/forms/form.html"
    field_template_name = "portal/forms/field.html"
