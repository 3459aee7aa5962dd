"""One row for every address. A page without a row fails in test_every_door_has_a_row."""

from tests.matrix.rows import accounts, api_resources, api_tenants, asking, lifecycle, resources, tenants

ROWS = {
    **accounts.ROWS, **tenants.ROWS, **resources.ROWS, **api_tenants.ROWS, **api_resources.ROWS, **lifecycle.ROWS,
    **asking.ROWS,
}  # fmt: skip
