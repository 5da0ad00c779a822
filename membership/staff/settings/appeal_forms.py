"""The form of an appeal for a section or a campaign, in each of the newsroom's languages."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from membership.settings import appeals
from membership.settings.appeals import HEADLINE, TEXT
from membership.settings.current import APPEAL
from membership.staff.settings.own_words_forms import OwnWordsForm, Part, Texts


class AppealForm(OwnWordsForm):
    prefix = APPEAL

    @classmethod
    def parts(cls, name: str) -> Mapping[str, Part]:
        return {HEADLINE: Part(_l("Headline"), is_line=True), TEXT: Part(_l("Text"), is_line=False)}

    @classmethod
    def default(cls, name: str, code: str) -> Texts:
        return appeals.default(code)
