"""What the figures' pages are asked for in their address."""

from dateutil.relativedelta import relativedelta
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Optional

from membership import days
from membership.figures.spans import By, Span
from membership.forms import Form

MONTHS = 12
MOST_PARTS = 120
PARTS = [
    SelectChoice(By.day.value, _l("days")),
    SelectChoice(By.week.value, _l("weeks")),
    SelectChoice(By.month.value, _l("months")),
    SelectChoice(By.quarter.value, _l("quarters")),
    SelectChoice(By.year.value, _l("years")),
]


class SpanForm(Form):
    """From which day to which, in what parts: the last twelve months unless it is said."""

    since = DateField(_l("From"), name="from", validators=[Optional()])
    until = DateField(_l("To"), name="to", validators=[Optional()])
    by = SelectField(_l("In parts of"), choices=PARTS, default=By.month.value)

    def __init__(self) -> None:
        super().__init__(formdata=request.args or None)
        if self.until.data is None and not self.until.errors:
            self.until.data = days.today()
        if self.since.data is None:
            until = self.until.data or days.today()
            self.since.data = until.replace(day=1) - relativedelta(months=MONTHS - 1)
        if self.by.data is None:
            self.by.data = By.month.value

    @property
    def span(self) -> Span:
        assert self.since.data is not None
        assert self.until.data is not None
        return Span(self.since.data, self.until.data)

    @property
    def parts(self) -> list[Span]:
        """The span cut as was asked for."""
        return self.span.cut(By(self.by.data))

    @property
    def is_up_to_now(self) -> bool:
        return self.span.last >= days.today()

    def read(self) -> bool:
        """Whether what the address asks for makes sense; else the page says first what does not."""
        if not super().read():
            return False
        if why := self._nonsense():
            self.refuse(why, self.until)
            return False
        return True

    def _nonsense(self) -> str | None:
        assert self.since.data is not None
        assert self.until.data is not None
        if not days.FIRST <= self.since.data <= self.until.data <= days.LAST:
            return str(_("Choose a day that is not before the first one."))
        if len(self.parts) > MOST_PARTS:
            return str(_("That is too much for one page: choose larger parts."))
        return None
