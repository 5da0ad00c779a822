from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from membership.forms import Form
from membership.topics.models import Topic

MOST_LINKS = 5
LONGEST_LINK = 500


def one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class TopicForm(Form):
    """What a topic says."""

    title = StringField(
        _l("Title"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Give your topic a title.")),
            Length(max=120, message=_l("Keep the title within 120 characters.")),
        ],
    )
    why = TextAreaField(
        _l("Why it matters"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Say in one line why it matters.")),
            Length(max=240, message=_l("Keep it within 240 characters.")),
        ],
    )
    links = TextAreaField(_l("Links"), validators=[Length(max=MOST_LINKS * (LONGEST_LINK + 2))])

    @classmethod
    def of(cls, topic: Topic) -> "TopicForm":
        """Filled in with what is there."""
        return cls(formdata=None, title=topic.title, why=topic.why, links="\n".join(topic.links))

    def validate_links(self, field: TextAreaField) -> None:
        if len(self.addresses) > MOST_LINKS:
            raise ValidationError(_("Five links are enough."))
        for address in self.addresses:
            if not is_web_address(address):
                raise ValidationError(
                    _("%(address)s is not a web address, such as https://…", address=address[:80])
                )

    @property
    def addresses(self) -> list[str]:
        return (self.links.data or "").split()

    @property
    def text(self) -> dict[str, object]:
        return {"title": self.title.data, "why": self.why.data, "links": self.addresses}


class ProposalForm(TopicForm):
    """With `seen`, the member was shown topics that look alike."""

    seen = HiddenField()


def is_web_address(text: str) -> bool:
    """Whether a reader can be led there: http or https, with a host, of a sane length."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= LONGEST_LINK
