"""The only two calls that go up from here, both sent inside the transaction of the act.

Sent with ``tenant`` and ``acting_user``; a receiver that raises undoes the act.
"""

from django.dispatch import Signal

tenant_activated = Signal()
"""A tenant was admitted, or works again after a suspension."""
tenant_suspended = Signal()
"""A tenant was suspended or closed: nothing of it may start."""
