"""Days of the newsroom's time zone as moments in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from membership.clock import clock
from membership.extensions import settings

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
"""Between which days anything is asked for."""


def time_zone() -> ZoneInfo:
    """The newsroom's, in which people read times and type them."""
    return ZoneInfo(settings.timezone)


def today() -> date:
    return of(clock.now())


def of(moment: datetime) -> date:
    """The day on which it was `moment` (UTC)."""
    return moment.astimezone(time_zone()).date()


def begin(day: date) -> datetime:
    """When `day` begins, in UTC."""
    return datetime.combine(day, time(), time_zone()).astimezone(UTC)


def end(day: date) -> datetime:
    """When `day` is over and the next begins, in UTC."""
    return begin(day + timedelta(days=1))


def written(moment: datetime) -> str:
    """A moment (UTC) as ISO 8601 writes it, in the newsroom's time zone."""
    return moment.astimezone(time_zone()).isoformat(timespec="seconds")
