"""Projects of tenants."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.registry import end_effects, project_tiles
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage
from tenants.filters import ProjectFilters
from tenants.forms import ProjectForm, ReasonForm
from tenants.models import Project, Tenant
from tenants.services.projects import create_project, end_project, revise_project
from tenants.tables import ProjectTable


class Projects(ListPage):
    queryset = Project.objects.select_related("tenant")
    table_class = ProjectTable
    filterset_class = ProjectFilters
    title = _("Projects")
    lede = _("The named purposes for which tenants ask for GPUs")
    nav = "projects"
    noun = _("projects")
    search_hint = _("Name, purpose, tenant")
    tabs = (
        Tab("running", _("Running"), lambda rows, _user: rows.filter(ended_at=None)),
        Tab("ended", _("Ended"), lambda rows, _user: rows.exclude(ended_at=None)),
        Tab("all", _("All")),
    )
    sorts = {"newest": Sort("created_at", descending=True), "name": Sort("name")}  # noqa: RUF012 - declared a ClassVar
    sort_labels = {"newest": _("Newest first"), "name": _("By name")}  # noqa: RUF012
    empty = Empty(
        _("No projects yet"),
        _("Open one on the page of your tenant; a project asks for GPUs and uses them."),
        icon="folder",
    )


class ProjectPage(DetailPage):
    queryset = Project.objects.select_related("tenant", "authority")
    template_name = "tenants/project.html"
    nav = "projects"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.tenant.public_id]), self.row.tenant.name)]

    def context(self, row: Project) -> dict[str, Any]:
        return {
            "title": row.name,
            "may_edit": row.ended_at is None and may(self.user, "edit", row),
            "tiles": [(tile.template_name, tile.context(row, self.user)) for tile in project_tiles],
        }


class NewProject(FormPage):
    queryset = Tenant.objects.select_related("authority")
    verb = "manage_projects"
    form_class = ProjectForm
    title = _("Open a project")
    lede = _("A named purpose, for which GPUs are asked and used")
    button = _("Open the project")
    done = _("Opened. You can ask for GPUs for it now.")
    nav = "projects"

    def crumbs(self) -> Any:
        return [(reverse("tenant", args=[self.row.public_id]), self.row.name)]

    def initial(self) -> dict[str, Any]:
        return {"data_class": self.row.data_class}

    def act(self, form: Any) -> str:
        row = create_project(acting_user=self.user, tenant=self.row, **form.cleaned_data)
        return reverse("project", args=[row.public_id])


class EditProject(FormPage):
    queryset = Project.objects.select_related("tenant")
    form_class = ProjectForm
    title = _("Change the project")
    button = _("Save the project")
    done = _("Saved.")
    nav = "projects"

    def crumbs(self) -> Any:
        return [(reverse("project", args=[self.row.public_id]), self.row.name)]

    def initial(self) -> dict[str, Any]:
        return ProjectForm.facts_of(self.row)

    def act(self, form: Any) -> str:
        revise_project(acting_user=self.user, project=self.row, **form.cleaned_data)
        return reverse("project", args=[self.row.public_id])


class EndProject(ActionPage):
    queryset = Project.objects.select_related("tenant__authority")
    verb = "end"
    form_class = ReasonForm
    template_name = "tenants/effects.html"
    title = _("End the project")
    consequence = _(
        "It ends for good: what it was granted and asked for ends with it. Its history and the record stay."
    )
    button = _("End the project")
    danger = True
    done = _("Ended.")
    nav = "projects"

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": self.row.name}

    def back(self) -> str:
        return reverse("project", args=[self.row.public_id])

    def crumbs(self) -> Any:
        return [(self.back(), self.row.name)]

    def context(self, form: Any) -> dict[str, Any]:
        return {"effects": [each.sentence for effects in end_effects for each in effects(self.row)]}

    def act(self, form: Any) -> str:
        end_project(acting_user=self.user, project=self.row, reason=form.cleaned_data["reason"])
        return self.back()
