"""Several grants may come in the place of one. What stands here is frozen: changes are new migrations.

Until now one alone was let in on a pool that shrank below its promises. Now those that come together are counted: at no
instant may they take more than the grant in whose place they come, so that it can be given back in steps and in parts.
"""

from resources.migrations._grace import NEW_HELD
from resources.migrations._windows import FITS_WITH_WINDOWS

ALONE = "AND NOT EXISTS (SELECT 1 FROM resources_grant too WHERE too.supersedes_id = prior.id AND too.id <> NEW.id)"
TOGETHER = f"""AND prior.amount - NEW.amount >= (
        SELECT coalesce(sum(too.amount), 0) FROM resources_grant too
        WHERE too.supersedes_id = prior.id AND too.id <> NEW.id
          AND too.starts_at < {NEW_HELD} AND coalesce(too.grace_until, too.ends_at) > NEW.starts_at)"""
FITS_TOGETHER = FITS_WITH_WINDOWS.replace(ALONE, TOGETHER)
FITS_ALONE = FITS_WITH_WINDOWS
