"""Violations, one small tree each, and their lawful neighbours: what shows that a rule can fail, and that it need not."""

from __future__ import annotations

VIEW = "tenants/views/cases.py"
SERVICE = "tenants/services/onboarding.py"
TASKS = "resources/tasks.py"
PAGE = "templates/tenants/case.html"

PLANTED: dict[str, list[dict[str, str]]] = {
    "files_stay_short": [
        {"tenants/services/long.py": "x = 1\n" * 401},
        {"tests/tenants/test_long.py": "x = 1\n" * 401},
        {"static/js/live.js": "x();\n" * 401},
    ],
    "few_files_pass_the_aim": [{"tenants/a.py": "x = 1\n" * 301, "tenants/b.py": ""}],
    "functions_stay_short": [{"portal/core/a.py": "def long():\n" + "    x = 1\n" * 60}],
    "templates_stay_short": [{PAGE: "<p></p>\n" * 121}],
    "rooms_have_names_that_say_something": [{"tenants/utils.py": ""}, {"tenants/helpers/a.py": ""}],
    "faces_ask_through_their_scope": [
        {VIEW: "rows = Tenant.objects.all()"},
        {VIEW: "def get(self):\n    return Tenant.objects.filter(pk=1).first()"},
        {VIEW: "def get(self):\n    rows = Tenant.objects\n    return rows.all()"},
        {VIEW: "class Page:\n    everything = Tenant.objects.all()"},
        {VIEW: "def get(self, pk):\n    return get_object_or_404(Tenant, pk=pk)"},
        {"resources/api/requests.py": "class V:\n    def rows(self):\n        return Tenant._base_manager.all()"},
        {"resources/live/consumers.py": "def cut():\n    return list(Tenant.objects.values('pk'))"},
        {"tenants/filters.py": "f = ModelChoiceFilter(queryset=Tenant.objects.all())"},
        {"portal/ui/pages.py": "def load():\n    return fetch(other, user, Tenant.objects.all())"},
    ],
    "states_move_only_by_advance": [
        {SERVICE: "case.state = 'approved'"},
        {SERVICE: "case.state: str = 'approved'"},
        {SERVICE: "OnboardingCase.objects.filter(pk=1).update(state='approved')"},
        {SERVICE: "rows.update(**{'state': 'approved'})"},
        {SERVICE: "setattr(case, 'state', 'approved')"},
        {SERVICE: "rows.bulk_update(cases, ['state'])"},
        {SERVICE: "settle(quota, state='in_force')"},
        {SERVICE: "rows.update_or_create(pk=1, defaults={'state': 'approved'})"},
    ],
    "guardian_has_one_door": [
        {VIEW: "from guardian.shortcuts import get_objects_for_user"},
        {VIEW: "import guardian"},
        {VIEW: "if user.has_perm('view_tenant', tenant): pass"},
        {SERVICE: "shortcuts.assign_perm('view_tenant', user, tenant)"},
    ],
    "only_events_and_tasks_wait_for_commit": [
        {SERVICE: "transaction.on_commit(send)"},
        {VIEW: "from django.db.transaction import on_commit\non_commit(send)"},
    ],
    "set_grants_is_called_by_the_projection": [{VIEW: "set_grants(tenant, user, {'view_tenant'})"}],
    "services_name_who_acts": [
        {SERVICE: "def approve(case, acting_user):\n    pass"},
        {SERVICE: "def approve(case):\n    record('case.approved', target=case)"},
    ],
    "services_leave_a_trace": [
        {SERVICE: "@transaction.atomic\ndef approve(case, *, acting_user):\n    advance(case, 'approved')"},
        {SERVICE: "def approve(*, acting_user):\n    _tell()\n\ndef _tell():\n    announce('case.approved')"},
        {
            SERVICE: "from tenants.services import other\ndef approve(*, acting_user):\n    other.tell()",
            "tenants/services/other.py": "def tell():\n    pass\n\ndef write():\n    record('x')",
        },
    ],
    "services_are_atomic": [
        {SERVICE: "def approve(case, *, acting_user):\n    advance(case, 'approved')"},
        {
            SERVICE: "def approve(case, *, acting_user):\n    with transaction.atomic():\n        advance(case, 'approved')\n"
            "    record('case.approved', acting_user=acting_user, target=case)"
        },
    ],
    "services_know_no_web": [
        {SERVICE: "from django.http import Http404"},
        {"resources/queries/usage.py": "from rest_framework import status"},
        {"portal/core/a.py": "from django.template.loader import get_template"},
    ],
    "tasks_are_thin": [
        {TASKS: "@job('resources.sweep')\ndef sweep() -> None:\n" + "    x()\n" * 9},
        {TASKS: "@job('resources.sweep')\ndef sweep(quota: Quota) -> None:\n    x()"},
        {TASKS: "@job('resources.sweep')\ndef sweep(quota_id: int) -> int:\n    return 1"},
        {TASKS: "def sweep() -> None:\n    x()"},
    ],
    "tasks_are_woken_by_names_that_exist": [
        {SERVICE: "nudge('resources.nothing', 1)"},
        {SERVICE: "sweep.delay(1)"},
        {TASKS: "TIMETABLE = {'x': {'task': 'resources.nothing', 'schedule': 1}}"},
        {TASKS: "@shared_task()\ndef sweep() -> None:\n    x()"},
    ],
    "the_network_is_behind_adapters": [
        {SERVICE: "import httpx"},
        {VIEW: "from urllib.request import urlopen"},
        {"portal/core/a.py": "import socket"},
    ],
    "rows_have_no_side_effects": [
        {"tenants/models/tenant.py": "class Tenant:\n    def save(self): pass"},
        {"tenants/receivers.py": "from django.db.models.signals import post_save"},
    ],
    "templates_bring_nothing_inline": [
        {PAGE: '<p style="color:red"></p>'},
        {PAGE: "<style>p {}</style>"},
        {PAGE: "<script>go()</script>"},
        {PAGE: '<script nonce="1">go()</script>'},
        {PAGE: "<p hx-on:click='go()'></p>"},
        {PAGE: '<a onclick="go()"></a>'},
        {PAGE: '<a href="javascript:go()"></a>'},
        {PAGE: "<a hx-vals='js:{a: 1}'></a>"},
        {PAGE: '<a hx-trigger="click[ctrlKey]"></a>'},
        {PAGE: '<script src="https://cdn.example/x.js"></script>'},
    ],
    "templates_speak_through_translation": [
        {PAGE: "<h1>Applications</h1>"},
        {PAGE: '<a title="Open the case"></a>'},
        {PAGE: "{% if x %}\n<p>{{ y }} waiting</p>\n{% endif %}"},
        {PAGE: '<c-card title="Waiting">{% translate "x" %}</c-card>'},
    ],
    "code_speaks_through_translation": [
        {SERVICE: "raise Refused('There is no capacity left.')"},
        {"tenants/forms.py": "name = CharField(label='Name')"},
        {VIEW: "messages.success(request, 'Saved.')"},
    ],
    "migrations_have_a_way_back": [
        {"tenants/migrations/0002_fill.py": "RunPython(fill)"},
        {"tenants/migrations/0002_fill.py": "migrations.RunSQL('SELECT 1')"},
    ],
}

SOUND: dict[str, list[dict[str, str]]] = {
    "services_leave_a_trace": [
        {SERVICE: "def approve(*, acting_user):\n    _tell()\n\ndef _tell():\n    record('case.approved')"},
        {
            SERVICE: "from tenants.services.other import write\ndef approve(*, acting_user):\n    write()",
            "tenants/services/other.py": "def write():\n    audit.record('x')",
        },
    ],
    "files_stay_short": [{"tenants/services/long.py": "x = 1\n" * 400}],
    "faces_ask_through_their_scope": [
        {VIEW: "def get(self):\n    return Tenant.objects.visible_to(self.user)"},
        {
            VIEW: "def get(self):\n    return Tenant.objects.select_related('authority').visible_to(self.user, 'view')[:5]"
        },
        {VIEW: "def get(self):\n    return fetch(Tenant.objects, self.user, pk=1)"},
        {VIEW: "def get(self):\n    return fetch(Tenant.objects.select_related('case'), self.user, pk=1)"},
        {VIEW: "class Tenants(ListPage):\n    queryset = Tenant.objects.select_related('authority')"},
        {"tenants/services/a.py": "rows = Tenant.objects.all()"},
    ],
    "states_move_only_by_advance": [
        {SERVICE: "advance(case, 'approved')\nx = case.state\nrows.filter(state='approved').update(seen=True)"},
        {"resources/services/quotas.py": "settle(quota, state='in_force')"},
    ],
    "services_are_atomic": [
        {SERVICE: "@transaction.atomic\ndef approve(case, *, acting_user):\n    advance(case, 'approved')"},
        {
            SERVICE: "def approve(case, *, acting_user):\n    with transaction.atomic():\n        advance(case, 'approved')"
        },
        {SERVICE: "def _step(case):\n    advance(case, 'approved')"},
    ],
    "tasks_are_thin": [
        {TASKS: "@job('resources.sweep')\ndef sweep(quota_id: int) -> None:\n    '''Why.'''\n" + "    x()\n" * 8}
    ],
    "tasks_are_woken_by_names_that_exist": [
        {TASKS: "@job('resources.sweep')\ndef sweep() -> None:\n    x()", SERVICE: "nudge('resources.sweep', 1)"}
    ],
    "the_network_is_behind_adapters": [{"resources/collectors/prometheus.py": "import httpx"}],
    "templates_bring_nothing_inline": [
        {
            PAGE: '<script src="{% static "js/app.js" %}" defer></script><p data-style="x" hx-trigger="keyup changed"></p>'
        },
        {PAGE: "{# <style> is refused #}"},
    ],
    "templates_speak_through_translation": [
        {
            PAGE: '<h1>{% translate "Applications" %}</h1>{% blocktranslate %}{{ n }} waiting{% endblocktranslate %} · &nbsp; 3'
        },
        {PAGE: '<a title="{% translate \'Open\' %}" class="wide button">{{ row.name }}</a><!-- why -->'},
    ],
    "code_speaks_through_translation": [{SERVICE: "raise Refused(_('There is none.'), code='x.y')"}],
    "migrations_have_a_way_back": [{"tenants/migrations/0002_fill.py": "RunPython(fill, RunPython.noop)"}],
}
