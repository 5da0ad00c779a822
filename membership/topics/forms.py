from collections.abc import Sequence
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from membership.topics.models import RoundTopic, Topic

MOST_LINKS = 5
LONGEST_LINK = 500


def one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class TopicForm(FlaskForm):
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


class BallotForm(FlaskForm):
    GONE = _l("A topic you ticked has left the ballot. Look at the others and send it again.")

    approvals = SelectMultipleField(
        _l("Tick every topic you want covered"), coerce=int, validate_choice=False
    )

    def __init__(self, entries: Sequence[RoundTopic], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.on_ballot = {entry.topic_id for entry in entries}

    def validate_approvals(self, field: SelectMultipleField) -> None:
        if not self.ticked <= self.on_ballot:
            raise ValidationError(self.GONE)

    @property
    def ticked(self) -> frozenset[int]:
        return frozenset(self.approvals.data or ())


class ReceiptForm(FlaskForm):
    receipt = StringField(
        _l("Your receipt"),
        filters=[lambda text: "".join(text.split()).upper() if text else text],
        validators=[DataRequired(_l("Enter the receipt you were given.")), Length(max=40)],
    )


def is_web_address(text: str) -> bool:
    """Whether a reader can be led there: http or https, with a host, of a sane length."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= LONGEST_LINK
