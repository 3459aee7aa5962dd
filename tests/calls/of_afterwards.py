"""What services of the time after an admission are called with on a stage."""

from __future__ import annotations

from typing import Any

from resources.services import departures
from tenants.queries import import_rows
from tenants.services import (
    archive,
    equipment,
    erasing,
    imports,
    invitations,
    leaving,
    people,
    people_lists,
    projects,
    recertification,
)
from tests.factories.people import make_user


class Afterwards:
    """Things of a tenant that came after its admission; mixed into the stage, which has the people."""

    authority: Any
    tenant: Any
    owner: Any
    officer: Any

    def look(self, state="open"):
        row = recertification.open_round(tenant=self.tenant)
        if state == "answered":
            recertification.answer_recertification(acting_user=self.owner, recertification=row, facts={})
            row.refresh_from_db()
        return row

    def leaving(self):
        return leaving.begin_leaving(acting_user=self.officer, tenant=self.tenant, reason="x")

    def invited(self):
        return people.add_member(
            acting_user=self.owner, tenant=self.tenant, email="fresh@x.test", role="member", full_name="Fresh", site="/"
        ).invitation

    def new_row(self):
        cells = {"name": "Fresh", "legal_id": "B 4711", "kind": "industry", "country": "LU", "data_class": "internal",
                 "contact_email": "a@b.test", "owner_email": "fresh@x.test", "owner_name": "Fresh"}  # fmt: skip
        return import_rows.plans(self.authority, [(1, cells)])[0]


CALLS = {
    archive.export_tenant: lambda s: {"by": s.owner, "tenant": s.tenant},
    departures.end_everything: lambda s: {"by": s.officer, "of": s.granted().tenant},
    equipment.set_defaults: lambda s: {
        "by": s.officer, "authority": s.authority, "kind": "academia", "facts": {"recertify_months": 12}, "reason": "x",
    },
    erasing.erase_person: lambda s: {"by": s.admin, "person": make_user()},
    imports.import_tenant: lambda s: {"by": s.officer, "authority": s.authority, "plan": s.new_row()},
    invitations.invite: lambda s: {"by": s.owner, "membership": s.tenant.memberships.get(user=s.owner), "site": "/"},
    invitations.resend_invitation: lambda s: {"by": s.owner, "invitation": s.invited(), "site": "/"},
    invitations.revoke_invitation: lambda s: {"by": s.owner, "invitation": s.invited()},
    leaving.ask_to_leave: lambda s: {"by": s.owner, "tenant": s.tenant, "reason": "x"},
    leaving.begin_leaving: lambda s: {"by": s.officer, "tenant": s.tenant, "reason": "x"},
    leaving.confirm_leaving: lambda s: {"by": s.colleague, "departure": s.leaving()},
    leaving.drop_leaving: lambda s: {"by": s.colleague, "departure": s.leaving(), "reason": "x"},
    people_lists.add_members: lambda s: {"by": s.owner, "tenant": s.tenant, "text": "a@b.test,A,member", "site": "/"},
    projects.end_project: lambda s: {"by": s.owner, "project": s.granted().environment.project, "reason": "x"},
    recertification.answer_recertification: lambda s: {"by": s.owner, "recertification": s.look(), "facts": {}},
    recertification.send_back_recertification: lambda s: {
        "by": s.officer, "recertification": s.look("answered"), "remark": "x",
    },
    recertification.close_recertification: lambda s: {"by": s.officer, "recertification": s.look("answered")},
    recertification.set_due: lambda s: {
        "by": s.officer, "recertification": s.look(), "due_on": s.later().date(), "reason": "x",
    },
    people.account_for: lambda s: {"by": s.admin, "email": "fresh@x.test", "full_name": "Fresh"},
}  # fmt: skip
