"""The form of one of the newsroom's texts, in each of its languages."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, StringField, SubmitField, TextAreaField
from wtforms.validators import Length

from membership.extensions import settings
from membership.settings import changes, words
from membership.settings.current import WORDS
from membership.staff.settings import setting_words
from membership.staff.settings.settings_forms import SeenForm
from membership.web import language_name

MOST_LETTERS, MOST_LETTERS_OF_LINE = 6000, 160


class WordsForm(SeenForm):
    """Made by `words_form`, for its fields depend on the newsroom's languages.

    `own` are the newsroom's own words as they stand. `preview` shows what was typed, and `fill`
    what comes along; neither keeps anything.
    """

    name: str
    own: Mapping[str, str]
    preview = SubmitField()

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        for code, field in self.texts.items():
            if strange := words.unknown(field.data or ""):
                self.refuse(
                    _(
                        "“{%(strange)s}” cannot be filled in. What can is %(known)s.",
                        strange=strange[0],
                        known=", ".join(f"{{{name}}}" for name in words.FILLED_IN),
                    ),
                    self[f"text_{code}"],
                )
        return not self.problems

    @property
    def texts(self) -> Mapping[str, Field]:
        """By the code of their language."""
        return {code: self[f"text_{code}"] for code in settings.languages}

    @property
    def value(self) -> dict[str, str]:
        """The newsroom's own words by language: those that come along need not be kept, and those
        in a language that is not offered now stay.
        """
        kept = {code: text for code, text in self.own.items() if code not in settings.languages}
        typed = {code: _text(field) for code, field in self.texts.items()}
        return kept | {
            code: text
            for code, text in typed.items()
            if text and text != words.default(self.name, code)
        }

    def show_default(self, code: str) -> None:
        """Instead of what was typed."""
        if code in self.texts:
            self.texts[code].process(None, words.default(self.name, code))


def words_form(name: str) -> WordsForm:
    """With what readers are shown, or with what was sent.

    As it stands in the table, where another process may have just written.
    """
    seen = changes.version([WORDS + name])
    own: Mapping[str, str] = changes.as_of(seen, [WORDS + name]).get(WORDS + name, {})
    known = {"seen": seen} | {
        f"text_{code}": own.get(code) or words.default(name, code) for code in settings.languages
    }
    its: type[WordsForm] = type("WordsFormOfNewsroom", (WordsForm,), dict(_fields(name)))
    form = its(data=known)
    form.name, form.own = name, own
    return form


def _fields(name: str) -> Iterator[tuple[str, Field]]:
    is_line = name in words.LINES
    kind, most = (StringField, MOST_LETTERS_OF_LINE) if is_line else (TextAreaField, MOST_LETTERS)
    for code in settings.languages:
        label = f"{setting_words.TEXTS[name]}, {language_name(code)}"
        yield f"text_{code}", kind(label, validators=[Length(max=most)])


def _text(field: Field) -> str:
    """Browsers send lines that end as those of letters do."""
    return (field.data or "").replace("\r\n", "\n").strip()
