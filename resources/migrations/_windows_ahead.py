"""The sums of ``_successors`` without maintenance that is over: nothing is promised of a time that has passed.

What stands here is frozen.
"""

from resources.migrations._successors import FITS_TOGETHER

EVER = "w.starts_at < held_until AND w.ends_at > NEW.starts_at"
AHEAD = "w.starts_at < held_until AND w.ends_at > greatest(NEW.starts_at, statement_timestamp())"
FITS_AHEAD = FITS_TOGETHER.replace(EVER, AHEAD)
