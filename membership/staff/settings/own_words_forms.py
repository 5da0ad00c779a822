"""Forms of what a newsroom says in its own words, in each of its languages."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, TypeVar

from flask_babel import gettext as _
from wtforms import Field, StringField, SubmitField, TextAreaField
from wtforms.validators import Length

from membership.extensions import settings
from membership.settings import changes, words
from membership.staff.settings.settings_forms import SeenForm
from membership.web import language_name

MOST_LETTERS, MOST_LETTERS_OF_LINE = 6000, 160
Texts = dict[str, str]


class Part(NamedTuple):
    """One of what is said together: a line of plain text, or Markdown."""

    label: Any
    is_line: bool


class OwnWordsForm(SeenForm):
    """Made by `own_words_form`, for its fields depend on the newsroom's languages.

    `own` are the newsroom's own words as they stand, by language and part. `preview` shows what was
    typed, and `fill` what comes along; neither keeps anything.
    """

    prefix: ClassVar[str]
    """Begins the names of the settings."""
    name: str
    own: Mapping[str, Texts]
    preview = SubmitField()

    @classmethod
    def parts(cls, name: str) -> Mapping[str, Part]:
        raise NotImplementedError

    @classmethod
    def default(cls, name: str, code: str) -> Texts:
        """What comes along in a language, by part."""
        raise NotImplementedError

    @classmethod
    def unpacked(cls, kept: Any) -> Texts:
        """What is kept of one language, by part."""
        its: Texts = kept
        return its

    @classmethod
    def packed(cls, texts: Texts) -> Any:
        return texts

    @property
    def facts(self) -> tuple[str, ...]:
        """What may be filled in here beside words.FILLED_IN."""
        return ()

    @property
    def texts(self) -> Mapping[str, Mapping[str, Field]]:
        """By the code of their language, and by part."""
        parts = self.parts(self.name)
        return {
            code: {part: self[f"{part}_{code}"] for part in parts} for code in settings.languages
        }

    @property
    def typed(self) -> dict[str, Texts]:
        """By language and part; what stays empty is as it comes along."""
        return {
            code: {
                part: _text(field) or self.default(self.name, code)[part]
                for part, field in fields.items()
            }
            for code, fields in self.texts.items()
        }

    @property
    def value(self) -> dict[str, Any]:
        """The newsroom's own words as they are kept: those that come along need not be, and those
        in a language that is not offered now stay.
        """
        own = {code: texts for code, texts in self.own.items() if code not in settings.languages}
        for code, texts in self.typed.items():
            comes_along = self.default(self.name, code)
            its = {part: text for part, text in texts.items() if text != comes_along[part]}
            if its:
                own[code] = its
        return {code: self.packed(texts) for code, texts in own.items()}

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        for fields in self.texts.values():
            for field in fields.values():
                if strange := words.unknown(field.data or "", self.facts):
                    known = (*self.facts, *words.FILLED_IN)
                    self.refuse(
                        _(
                            "“{%(strange)s}” cannot be filled in. What can is %(known)s.",
                            strange=strange[0],
                            known=", ".join(f"{{{name}}}" for name in known),
                        ),
                        field,
                    )
        return not self.problems

    def show_default(self, code: str) -> None:
        """Instead of what was typed."""
        for part, field in self.texts.get(code, {}).items():
            field.process(None, self.default(self.name, code)[part])


F = TypeVar("F", bound=OwnWordsForm)


def own_words_form(kind: type[F], name: str, *, version: int | None = None) -> F:
    """With what readers are shown, or were as of the change of that number, or with what was sent.

    As it stands in the table, where another process may have just written.
    """
    setting = kind.prefix + name
    seen = changes.version([setting])
    own, shown = (
        _own(kind, changes.as_of(at, [setting]).get(setting)) for at in (seen, version or seen)
    )
    known: dict[str, Any] = {"seen": seen}
    for code in settings.languages:
        texts = kind.default(name, code) | shown.get(code, {})
        known |= {f"{part}_{code}": text for part, text in texts.items()}
    its: type[F] = type(f"{kind.__name__}OfNewsroom", (kind,), dict(_fields(kind, name)))
    form = its(data=known)
    form.name, form.own = name, own
    return form


def _own(kind: type[OwnWordsForm], kept: Mapping[str, Any] | None) -> dict[str, Texts]:
    return {code: kind.unpacked(its) for code, its in (kept or {}).items()}


def _fields(kind: type[OwnWordsForm], name: str) -> Iterator[tuple[str, Field]]:
    for code in settings.languages:
        for part, (label, is_line) in kind.parts(name).items():
            field = StringField if is_line else TextAreaField
            most = MOST_LETTERS_OF_LINE if is_line else MOST_LETTERS
            told = f"{label}, {language_name(code)}"
            yield f"{part}_{code}", field(told, validators=[Length(max=most)])


def _text(field: Field) -> str:
    """Browsers send lines that end as those of letters do."""
    return (field.data or "").replace("\r\n", "\n").strip()
