"""The page on which something is said in the newsroom's own words, with how readers see it."""

from flask import render_template

from membership.settings import words
from membership.staff.settings import setting, setting_words
from membership.staff.settings.own_words_forms import OwnWordsForm


def page_of_words(form: OwnWordsForm, *, title: str, where: str, back: tuple[str, str]) -> str:
    """`back` leads to the list it stands in: the address, and what that is called."""
    parts = form.parts(form.name)
    return render_template(
        "staff/settings/text.html",
        form=form,
        title=title,
        where=where,
        back=back,
        parts=parts,
        has_markdown=not all(part.is_line for part in parts.values()),
        filled_in=words.FILLED_IN,
        previews={
            code: {name: _shown(text, is_line=parts[name].is_line) for name, text in texts.items()}
            for code, texts in form.typed.items()
        },
        versions=setting.history(form.prefix + form.name),
        setting_value=setting_words.value,
    )


def _shown(text: str, *, is_line: bool) -> str:
    return words.filled(text) if is_line else words.rendered(text)
