"""What the address of a question may say, and how a list goes on."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnprocessableEntity

from membership.articles.feeds.public import Place
from membership.extensions import settings
from membership.paging import FURTHEST
from membership.settings.articles import NotOurs, ours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class NotUnderstood(UnprocessableEntity):
    """`wrong` has a parameter's name and what is wrong with it."""

    def __init__(self, wrong: list[tuple[str, str]]) -> None:
        super().__init__()
        self.wrong = wrong


def _spoken(code: str) -> str:
    if code not in settings.languages:
        known = ", ".join(settings.languages)
        raise PydanticCustomError("language", "is any of {known}", {"known": known})
    return code


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Annotated[
        str | None,
        AfterValidator(lambda code: code if code is None else _spoken(code)),
        Field(description="In which texts are; without it Accept-Language decides."),
    ] = None


class _Limited(Question):
    limit: Annotated[int, Field(ge=1, le=100, description="How many.")] = 50


class ListQuestion(_Limited):
    after: Annotated[
        str | None,
        Field(
            pattern=r"^-?[0-9]{1,18}\.[0-9]{1,15}$", description="As `next` of an answer has it."
        ),
    ] = None

    @property
    def place(self) -> Place | None:
        """Raises NotUnderstood."""
        if self.after is None:
            return None
        at, _dot, number = self.after.partition(".")
        try:
            return Place(EPOCH + int(at) * MICROSECOND, int(number))
        except OverflowError:
            raise NotUnderstood([("after", "names no place in this list")]) from None


class CorrectionsQuestion(_Limited):
    article: Annotated[
        str | None, Field(description="The address of an article, for its own alone.")
    ] = None
    after: Annotated[int, Field(ge=0, le=FURTHEST, description="As in `next`.")] = 0

    @property
    def spelt(self) -> str | None:
        """The article's address in its one spelling. Raises NotUnderstood."""
        try:
            return ours(self.article) if self.article is not None else None
        except NotOurs:
            raise NotUnderstood([("article", "is no article of this newsroom")]) from None


Q = TypeVar("Q", bound=Question)


def understood(kind: type[Q], asked: MultiDict[str, str]) -> Q:
    """Raises NotUnderstood."""
    twice = [(name, "is there twice") for name, its in asked.lists() if len(its) > 1]
    if twice:
        raise NotUnderstood(twice)
    try:
        return kind.model_validate(asked.to_dict())
    except ValidationError as error:
        raise NotUnderstood(list(map(_said, error.errors()))) from None


def after(at: datetime, number: int) -> str:
    """What `after` is for the rows that come after this one."""
    return f"{(at - EPOCH) // MICROSECOND}.{number}"


def _said(error: Any) -> tuple[str, str]:
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return name, "is not known here"
    return name, error["msg"]
