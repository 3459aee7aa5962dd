"""The addresses of this app's pages."""

from django.urls import path

from tenants.views import apply, authorities, cases, people, projects, setup, tenants, trail

urlpatterns = [
    path("first-run/", setup.FirstRun.as_view(), name="first-run"),
    path("setup/", setup.Setup.as_view(), name="setup"),
    path("apply/", apply.Apply.as_view(), name="case-apply"),
    path("applications/", cases.Cases.as_view(), name="cases"),
    path("applications/<uuid:public_id>/", cases.Case.as_view(), name="case"),
    path("applications/<uuid:public_id>/facts/", cases.CaseFacts.as_view(), name="case-facts"),
    path("applications/<uuid:public_id>/aside/", cases.CaseAside.as_view(), name="case-aside"),
    path("applications/<uuid:public_id>/edit/", apply.EditDraft.as_view(), name="case-edit"),
    path("applications/<uuid:public_id>/send/", apply.SendCase.as_view(), name="case-send"),
    path("applications/<uuid:public_id>/answer/", apply.AnswerCase.as_view(), name="case-answer"),
    path("applications/<uuid:public_id>/withdraw/", apply.WithdrawCase.as_view(), name="case-withdraw"),
    path("applications/<uuid:public_id>/take/", cases.TakeCase.as_view(), name="case-take"),
    path("applications/<uuid:public_id>/decide/", cases.DecideCase.as_view(), name="case-decide"),
    path("tenants/", tenants.Tenants.as_view(), name="tenants"),
    path("tenants/<uuid:public_id>/", tenants.TenantHome.as_view(), name="tenant"),
    path("tenants/<uuid:public_id>/suspend/", tenants.SuspendTenant.as_view(), name="tenant-suspend"),
    path("tenants/<uuid:public_id>/reactivate/", tenants.ReactivateTenant.as_view(), name="tenant-reactivate"),
    path("tenants/<uuid:public_id>/projects/new/", projects.NewProject.as_view(), name="project-new"),
    path("tenants/<uuid:public_id>/members/new/", people.AddMember.as_view(), name="member-new"),
    path("memberships/<uuid:public_id>/end/", people.EndMembership.as_view(), name="membership-end"),
    path("projects/", projects.Projects.as_view(), name="projects"),
    path("projects/<uuid:public_id>/", projects.ProjectPage.as_view(), name="project"),
    path("projects/<uuid:public_id>/edit/", projects.EditProject.as_view(), name="project-edit"),
    path("authorities/", authorities.Authorities.as_view(), name="authorities"),
    path("authorities/new/", authorities.NewAuthority.as_view(), name="authority-new"),
    path("authorities/<uuid:public_id>/", authorities.AuthorityPage.as_view(), name="authority"),
    path("authorities/<uuid:public_id>/edit/", authorities.EditAuthority.as_view(), name="authority-edit"),
    path("authorities/<uuid:public_id>/staff/new/", people.AddStaff.as_view(), name="staff-new"),
    path("staff/<uuid:public_id>/end/", people.EndStaff.as_view(), name="staff-end"),
    path("people/", people.People.as_view(), name="people"),
    path("policies/", authorities.Policies.as_view(), name="policies"),
    path("policies/<uuid:public_id>/<str:key>/", authorities.SetPolicy.as_view(), name="policy-set"),
    path("policies/<uuid:public_id>/<str:key>/effect/", authorities.PolicyEffect.as_view(), name="policy-effect"),
    path("audit/", trail.AuditTrail.as_view(), name="audit"),
]
