"""What is wrong with a chain, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.core.trail.chain import Fault
from portal.core.trail.checkpoints import SEAL

Name = Mapping[str, str]


def stream_name(stream: str, names: Name | None = None) -> str:
    """A stream in words; ``names`` knows some by the name of their owner."""
    if names and stream in names:
        return names[stream]
    kind, _colon, number = stream.partition(":")
    if kind == "tenant":
        return _("the record of tenant %(number)s") % {"number": number}
    if kind == "authority":
        return _("the record of authority %(number)s") % {"number": number}
    return _("the site’s record")


def sentence(fault: Fault, names: Name | None = None) -> str:
    """The fault in one sentence: which record, which number, what is wrong."""
    facts: dict[str, Any] = {"seq": fault.seq, "other": fault.other, "stream": stream_name(fault.stream, names)}
    if fault.stream == SEAL:
        return _seal(fault.code) % facts
    texts = {
        "missing": _("In %(stream)s entry %(seq)d is missing: number %(other)d stands where it should be."),
        "edited": _("In %(stream)s entry %(seq)d was changed: its text and number do not give its hash."),
        "unlinked": _("In %(stream)s entry %(seq)d does not follow entry %(other)d: it was put in or exchanged."),
        "rewritten": _(
            "In %(stream)s entry %(seq)d is not the one that checkpoint %(other)d sealed: it, or one between it and "
            "the entry sealed before, was written anew."
        ),
        "cut": _("In %(stream)s the end was cut off: entry %(seq)d, which checkpoint %(other)d sealed, is not there."),
        "event_gone": _("In %(stream)s the event of entry %(seq)d was deleted."),
        "event_edited": _("In %(stream)s the event of entry %(seq)d was changed: it is not what was chained."),
        "unchained": _("In %(stream)s event %(other)d was put in past the chain, after entry %(seq)d."),
        "head": _("In %(stream)s entry %(seq)d is the last there is, and its head says %(other)d."),
    }
    return texts[fault.code] % facts


def _seal(code: str) -> str:
    return {
        "unlinked_seal": _("Of the checkpoints, number %(seq)d is missing or does not follow the one before it."),
        "edited_seal": _("Of the checkpoints, number %(seq)d was changed: its list of entries is not the signed one."),
        "unsigned_seal": _("Checkpoint %(seq)d was not signed with this key."),
        "rootless_seal": _("Checkpoint %(seq)d does not give the root that was signed."),
        "unread_seal": _("The checkpoints cannot be read: line %(seq)d of the file is damaged."),
    }[code]
