"""Every service is called once, and leaves an event of whoever acted. A service that is not here fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.core.registry import act_words
from portal.models import AuditEvent
from portal.settings.env import Provider
from resources.models import Cluster, Grant, Quota
from tests.architecture.rules.traces import acting_services, acts
from tests.calls import of_afterwards, of_deciding, of_maintenance, of_requests, of_resources, of_tenants
from tests.calls.stage import Stage

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[1]

# service → what it is called with on a stage; who acts stands under "by"
CALLS = {
    **of_tenants.CALLS,
    **of_afterwards.CALLS,
    **of_resources.CALLS,
    **of_requests.CALLS,
    **of_deciding.CALLS,
    **of_maintenance.CALLS,
}
CALLED_ELSEWHERE = {
    "tenants.imports.upload_import": "writes a file; tests of imports",
    "tenants.imports.try_import": "of an uploaded file; tests of imports",
    "tenants.imports.run_import": "of an uploaded file; tests of imports",
    "resources.request_documents.attach_document": "writes a file; tests of documents of requests",
    "resources.request_documents.remove_document": "takes one away; tests of documents of requests",
    "tenants.documents.attach_document": "writes a file; tests of documents",
    "tenants.documents.remove_document": "takes one away; tests of documents",
    "resources.credentials.rotate_credentials": "acts for the portal by a command; tests of credentials",
}


def name_of(service):
    return f"{service.__module__}.{service.__qualname__}".replace(".services", "")


def test_every_service_is_called_here():
    assert {name_of(service) for service in CALLS} | set(CALLED_ELSEWHERE) == acting_services(PROJECT)


@pytest.mark.parametrize("service", CALLS, ids=name_of)
def test_a_service_leaves_an_event_of_whoever_acted(service, settings):
    stage = Stage()
    settings.OIDC_PROVIDERS = [Provider("work", "Work", "https://id.test", "x", "x", (), "", (stage.tenant.slug,))]
    facts = CALLS[service](stage)
    person, args = facts.pop("by"), facts.pop("args", ())
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    service(*args, acting_user=person, **facts)
    written = AuditEvent.objects.exclude(pk__in=before)
    assert person.pk in set(written.values_list("actor", flat=True))
    assert [event.act for event in written if event.act not in act_words] == []


def test_every_act_has_words():
    states = {
        f"{prefix}.{state}"
        for prefix, model in (("cluster", Cluster), ("grant", Grant), ("quota", Quota))
        for state in model.State.values
    }
    known = {name for name, _words in act_words.items()}
    assert (acts(PROJECT) | states) - known == set()
