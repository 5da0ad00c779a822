"""The form of the newsroom's logo."""

from collections.abc import Set
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SubmitField

from membership.settings import changes, logo
from membership.settings.logo import MOST_BYTES, MOST_PIXELS, NotALogo, Why
from membership.staff.settings.settings_forms import SeenForm

SETTING = "logo"
WHY = {
    Why.large: _l(
        "At most %(kilobytes)s KB and %(pixels)s pixels each way.",
        kilobytes=MOST_BYTES // 1024,
        pixels=MOST_PIXELS,
    ),
    Why.not_a_picture: _l("Choose a picture in PNG or SVG."),
    Why.broken: _l("This picture is broken. Save it once more, or choose another."),
}


class LogoForm(SeenForm):
    """With `remove` the environment's is shown again, or the name."""

    file = FileField(_l("Picture, as SVG or PNG"))
    remove = SubmitField(_l("Take it away"))

    def __init__(self) -> None:
        super().__init__(data={"seen": changes.version([SETTING])})

    def validate(self, extra_validators: Any = None) -> bool:
        """Keeps the picture in the transaction at hand."""
        if not super().validate(extra_validators):
            return False
        try:
            self.values = {SETTING: "" if self.remove.data else logo.keep(self._sent())}
        except NotALogo as wrong:
            self.refuse(str(WHY[wrong.why]), self.file)
            return False
        return True

    def say_overtaken(self, names: Set[str]) -> None:
        self.say_overtaken_by(changes.version(names))

    def _sent(self) -> bytes:
        """Empty where no file was chosen."""
        return bytes(self.file.data.read()) if self.file.data else b""
