"""What every form of the house is: it keeps what was typed and says first what is wrong with it."""

from typing import Any

from flask import g
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget


class Form(FlaskForm):
    """A form of the house. Where it was sent from is checked before any form is, in origins.py."""

    class Meta(FlaskForm.Meta):
        csrf = False

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """A form that is refused is known to the page, which says so first; see layout.html."""
        good: bool = super().validate_on_submit(extra_validators)
        if not good:
            g.refused = self
        return good

    def read(self) -> bool:
        """Whether what an address asks for makes sense; else the page says first what does not."""
        good: bool = self.validate()
        if not good:
            g.refused = self
        return good

    def refuse(self, why: str, field: Field | None = None) -> None:
        """For what shows only when the form is carried out, or lies in no one field."""
        if field is None:
            self.form_errors.append(why)
        else:
            field.errors = [*field.errors, why]
        g.refused = self

    @property
    def problems(self) -> list[tuple[str | None, str]]:
        """What is wrong, in the order of the fields, each with the id of where to mend it."""
        found = [(_place(field), str(why)) for field in self for why in field.errors]
        return [(None, str(why)) for why in self.form_errors] + found


def _place(field: Field) -> str | None:
    if isinstance(field, HiddenField):
        return None
    return f"{field.id}-0" if isinstance(field, RadioField) else str(field.id)


class ChecksField(SelectMultipleField):
    """Any of a few, each with a box to tick; `checks` in components/forms.html shows it."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def problems() -> list[tuple[str | None, str]]:
    """Why what was sent is not done, as far as a form of this request knows."""
    form: Form | None = g.get("refused")
    return form.problems if form is not None else []
