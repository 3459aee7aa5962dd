"""The refusals of this app that machines tell apart by their code; the sentences stand where they arise."""

from portal.core.errors import Forbidden, Refused


class FourEyes(Forbidden):
    """The role would allow it, but this person stands too close to the matter, or has already taken their part."""

    code = "tenants.four_eyes"


class OwnRights(FourEyes):
    """Nobody gives themselves a right, raises one they have, or makes it last longer."""

    code = "tenants.own_rights"


class NotOpen(Refused):
    """The tenant is suspended or leaving, and this act needs it to be active."""

    code = "tenants.not_active"
