"""The form of one of the newsroom's texts, in each of its languages."""

from collections.abc import Mapping
from typing import Any

from membership.settings import words
from membership.settings.current import WORDS
from membership.staff.settings import setting_words
from membership.staff.settings.own_words_forms import OwnWordsForm, Part, Texts

TEXT = "text"


class WordsForm(OwnWordsForm):
    prefix = WORDS

    @classmethod
    def parts(cls, name: str) -> Mapping[str, Part]:
        return {TEXT: Part(setting_words.TEXTS[name], name in words.LINES)}

    @classmethod
    def default(cls, name: str, code: str) -> Texts:
        return {TEXT: words.default(name, code)}

    @classmethod
    def unpacked(cls, kept: Any) -> Texts:
        return {TEXT: kept}

    @classmethod
    def packed(cls, texts: Texts) -> Any:
        return texts[TEXT]
