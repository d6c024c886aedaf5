"""Roles that act for one another, as the groups which more than one part of a case speaks of."""

from domain.vocabulary import Role

__all__ = ["AUTHORITY", "CHAIR", "HANDLERS", "OFFICER_SIDE", "RECORD_KEEPERS"]

AUTHORITY = frozenset({Role.APPROPRIATE_AUTHORITY})
CHAIR = frozenset({Role.CHAIR})

HANDLERS = AUTHORITY | {Role.IOPC}  # whichever of the two handles the matter

OFFICER_SIDE = frozenset({Role.OFFICER, Role.POLICE_FRIEND, Role.CLERK})  # the clerk tells what they said or sent

RECORD_KEEPERS = HANDLERS | {Role.CLERK}  # they answer for what the record says
