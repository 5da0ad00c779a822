"""How settings and their values are called."""

from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Any

from flask_babel import format_date, format_decimal, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from membership.books.models import Interval
from membership.books.offers import Offer
from membership.giving.forms import NAMES as HOW_OFTEN
from membership.money import Money
from membership.settings import words
from membership.settings.current import APPEAL, LETTER, PRODUCTS, WORDS
from membership.settings.products import Matched
from membership.settings.rules import Aim, Goal
from membership.staff.settings import letter_words
from membership.staff.settings.setting import ORDER_OF_TIERS, TIER
from membership.web import language_name, worded

MOST_LETTERS = 80
NAMES = {
    "newsroom_name": _l("Name of the newsroom"),
    "newsroom_contact": _l("Where readers write when something is wrong"),
    "newsroom_accent": _l("Accent on light paper"),
    "newsroom_accent_dark": _l("Accent in the dark"),
    "newsroom_imprint": _l("Page that says who you are"),
    "newsroom_privacy": _l("Page on what becomes of readers’ data"),
    "logo": _l("Logo"),
    "timezone": _l("Time zone"),
    "languages": _l("Languages"),
    "asks_consent": _l("Ask who gives whether you may write to them"),
    "currencies": _l("Currencies, in their order"),
    "intervals": _l("How often readers may give"),
    "first_interval": _l("Chosen first: how often"),
    "first_tier": _l("Chosen first: the amount"),
    "least_amounts": _l("Smallest amounts"),
    "most_amounts": _l("Largest amounts"),
    "goal": _l("Goal"),
    "voting_kinds": _l("Who votes beside patrons"),
    "proposals_per_month": _l("Topics that a member may propose in thirty days"),
    "reporting_bands": _l("Hours of reporting that a topic may take"),
    "round_days": _l("Days that a round is open"),
    "round_hours": _l("Hours that a round shares out"),
    "round_quorum": _l("Quorum, in per cent of the members"),
    "round_remind": _l("Remind who has not voted"),
    "checkout_delay": _l("Seconds between showing the giving form and sending it"),
    "most_unpaid_by_email": _l("Unpaid tries within an hour: of one e-mail address"),
    "most_unpaid_by_visitor": _l("Unpaid tries within an hour: of one browser"),
    "most_unpaid_by_client": _l("Unpaid tries within an hour: of one network address"),
    "most_small_by_client": _l("The same with the least sums: of one network address"),
    "most_reports_by_client": _l("Mistakes pointed out within an hour: by one network address"),
    "article_domains": _l("Domains of your articles"),
    "appeals": _l("Appeals for sections and campaigns"),
    "most_quoted": _l("Characters that may be quoted of an article"),
    ORDER_OF_TIERS: _l("Order of the tiers"),
}
VOTERS = {
    "gift": _l("Who was given a membership by somebody"),
    "comped": _l("Who was given one by the newsroom"),
    "offline": _l("Who gives outside Stripe, by transfer or in cash"),
}
AIMS = {
    Aim.patrons: _l("Patrons: how many there are"),
    Aim.joined: _l("New patrons: how many have come since the first day"),
    Aim.received: _l("Money: how much was received since the first day"),
}


ROLES = {
    "editor": _l("Editor: topics and rounds"),
    "finance": _l("Finance: people, gifts, payments, the books"),
    "admin": _l("Admin: all of it, and these settings"),
}


def role(name: str) -> str:
    """Without what it is for."""
    return str(ROLES[name]).partition(":")[0]


TEXTS = {
    words.HEADLINE: _l("Headline"),
    words.APPEAL: _l("Appeal"),
    words.PROMISES: _l("Promises"),
    words.THANKS: _l("Thanks"),
    words.OTHER_WAYS: _l("Other ways to help"),
    words.ARTICLE_HEADLINE: _l("Headline under an article"),
    words.ARTICLE: _l("Appeal under an article"),
    words.BLOCKED: _l("To readers who block advertisements"),
    words.QUOTING: _l("What may be quoted"),
    words.CORRECTIONS: _l("How we correct"),
    words.GOAL: _l("Goal"),
    words.CONSENT: _l("Consent to be written to"),
    words.COLOPHON: _l("Foot of every page"),
}
PLACES = {
    words.HEADLINE: _l("Stands first on the giving page."),
    words.APPEAL: _l("Stands under the headline of the giving page: why somebody should give."),
    words.PROMISES: _l("Stands under the form of the giving page."),
    words.THANKS: _l("Is read by whoever has just given."),
    words.OTHER_WAYS: _l("A page of its own, for who cannot or would not give."),
    words.ARTICLE_HEADLINE: _l("Stands first in the box on your articles."),
    words.ARTICLE: _l("Stands in that box, above its button."),
    words.BLOCKED: _l("Is shown once a week on articles where you want it, to who blocks them."),
    words.QUOTING: _l("Stands under an article, above a button that copies with the source."),
    words.CORRECTIONS: _l("Stands above the list of what you corrected, for everybody."),
    words.GOAL: _l("Stands above how far you have come with your goal, while there is one."),
    words.CONSENT: _l(
        "Stands beside a box to tick on the giving page, where you ask for it. What somebody "
        "agreed to is kept as it stood there."
    ),
    words.COLOPHON: _l("Stands at the foot of every page."),
}


def name(setting: str) -> str:
    if setting.startswith(WORDS):
        return str(TEXTS.get(setting.removeprefix(WORDS), setting))
    if setting.startswith(LETTER):
        its = setting.removeprefix(LETTER)
        return str(_("Letter: %(which)s", which=letter_words.NAMES.get(its, its)))
    if setting.startswith(APPEAL):
        return str(_("Appeal “%(name)s”", name=setting.removeprefix(APPEAL)))
    if setting.startswith(PRODUCTS):
        return str(_("What was sold before (%(mode)s)", mode=setting.removeprefix(PRODUCTS)))
    if setting.startswith(TIER):
        return str(_("Tier “%(slug)s”", slug=setting.removeprefix(TIER)))
    return str(NAMES.get(setting, setting))


def value(setting: str, value: Any) -> str:
    """A value as JSON knows it."""
    if value in ("", None):
        return "–"
    try:
        return _in_words(setting, value)
    except (AttributeError, TypeError, ValueError):
        # Another program may have set it, of which we know no more than what stands there.
        return str(value)


def _in_words(setting: str, value: Any) -> str:
    kind = next(
        (one for one in (TIER, WORDS, LETTER, APPEAL, PRODUCTS) if setting.startswith(one)), setting
    )
    return IN_WORDS.get(kind, str)(value)


def _of_text(own: dict[str, str]) -> str:
    """How it begins in each language."""
    begins = [
        f"{language_name(code)}: {shorten(text, MOST_LETTERS, placeholder='…')}"
        for code, text in own.items()
    ]
    return " · ".join(begins) or str(_("as it comes along"))


def _of_letter(own: dict[str, dict[str, str]]) -> str:
    return _of_text({code: " – ".join(parts.values()) for code, parts in own.items()})


def _of_matched(matched: Matched) -> str:
    told = ", ".join(f"{one} → {tier}" for one, tier in matched.tiers.items()) or "–"
    state = _("taken in") if matched.is_on else _("not taken in")
    return f"{told} ({state})"


def _of_tier(offer: Offer) -> str:
    """What is told of it in the reader's language, and the amounts that it suggests."""
    sums = [
        Money(amount, currency).format(get_locale())
        for (currency, _interval), amount in offer.sums.items()
    ]
    told = [worded(offer.name), worded(offer.line), ", ".join(sums)]
    if offer.is_retired:
        told.append(str(_("retired")))
    return " · ".join(filter(None, told))


def _bounds(value: dict[str, int]) -> str:
    sums = (Money(amount, code) for code, amount in value.items())
    return ", ".join(money.format(get_locale()) for money in sums) or "–"


def _listed(one: Callable[[str], str]) -> Callable[[Sequence[str]], str]:
    return lambda value: ", ".join(one(part) for part in value)


def _how_often(interval: str) -> str:
    return str(HOW_OFTEN[Interval(interval)])


def _of_goal(value: dict[str, Any]) -> str:
    goal = Goal.model_validate(value)
    aim = str(AIMS[goal.aim]).partition(":")[0]
    is_money = goal.aim is Aim.received
    how_much = (
        Money(goal.number, goal.currency).format(get_locale())
        if is_money
        else format_decimal(goal.number)
    )
    return f"{aim}: {how_much}, {format_date(goal.first)} – {format_date(goal.last)}"


IN_WORDS: dict[str, Callable[[Any], str]] = {
    "languages": _listed(language_name),
    "logo": lambda value: str(_("a picture of your own")) if value else "–",
    "asks_consent": lambda value: str(_("yes") if value else _("no")),
    "currencies": _listed(str.upper),
    "intervals": _listed(_how_often),
    "first_interval": _how_often,
    "least_amounts": _bounds,
    "most_amounts": _bounds,
    "goal": _of_goal,
    "voting_kinds": lambda value: _listed(lambda kind: str(VOTERS[kind]))(value) or "–",
    "reporting_bands": _listed(str),
    "article_domains": lambda value: _listed(str)(value) or "–",
    "appeals": lambda value: _listed(str)(value) or "–",
    ORDER_OF_TIERS: _listed(str),
    TIER: lambda value: _of_tier(Offer.model_validate(value)),
    WORDS: _of_text,
    LETTER: _of_letter,
    APPEAL: _of_letter,
    PRODUCTS: lambda value: _of_matched(Matched.model_validate(value)),
}
