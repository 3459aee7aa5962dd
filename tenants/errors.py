"""The refusals of this app that machines tell apart by their code; the sentences stand where they arise."""

from portal.core.errors import Conflict, Forbidden, Refused


class FourEyes(Forbidden):
    """The role would allow it, but this person stands too close to the matter, or has already taken their part."""

    code = "tenants.four_eyes"


class OwnRights(FourEyes):
    """Nobody gives themselves a right, raises one they have, or makes it last longer."""

    code = "tenants.own_rights"


class NotEligible(Forbidden):
    """The person named cannot hold this role for somebody else."""

    code = "tenants.not_a_colleague"


class LastOne(Conflict):
    """Nobody would be left in a role that somebody has to hold."""

    code = "tenants.last_one"


class NotOpen(Refused):
    """The tenant is suspended or leaving, and this act needs it to be active."""

    code = "tenants.not_active"
