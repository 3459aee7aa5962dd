import pytest

from tests.factories.people import make_admin


@pytest.fixture
def admin(db):
    return make_admin(full_name="Ada Lind", time_zone="Europe/Helsinki")


@pytest.fixture
def site(client, admin, settings):
    """The test client of a platform admin, on the pages of tests/portal/ui/site.py."""
    settings.ROOT_URLCONF = "tests.portal.ui.site"
    client.force_login(admin)
    return client
