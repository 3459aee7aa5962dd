"""Background work of this app; each module brings its lines of the timetable."""

from resources.tasks import collect, enforce

TIMETABLE = {**enforce.TIMETABLE, **collect.TIMETABLE}
