"""What staff say of tiers: each change a setting's, and the tables brought up to it."""

from collections.abc import Mapping
from typing import Any

from membership.books import offers, tiers
from membership.books.models import Tier
from membership.books.offers import Offer
from membership.extensions import db
from membership.patrons.models import Person
from membership.settings import changes
from membership.staff.settings import setting
from membership.staff.settings.setting import ORDER_OF_TIERS, TIER
from membership.topics import slugs

LONGEST_SLUG = 48


def seen(slug: str) -> int:
    """The version of what is told of a tier."""
    return changes.version([TIER + slug])


def add(offer: Offer, *, by: Person) -> None:
    """A tier more, the last in order. Raises Clash, TooMany. Commits."""
    changes.take_turn()
    taken = {tier.slug for tier in tiers.every()}
    words = next(iter(offer.name.values()))
    slug = next(one for one in slugs.candidates(words, LONGEST_SLUG) if one not in taken)
    setting.change({TIER + slug: _told(offer)}, seen=0, by=by)


def change(tier: Tier, offer: Offer, *, seen: int, by: Person) -> bool:
    """Say something else of a tier; whether anything is. Raises Overtaken, Clash. Commits."""
    changes.take_turn()
    first = _told(offers.of_tier(tier))
    return setting.change_own(TIER + tier.slug, _told(offer), first=first, seen=seen, by=by)


def retire(tier: Tier, *, by: Person, is_retired: bool = True) -> None:
    """Offer it no more, or again. Raises Clash, TooMany, OutOfBounds. Commits."""
    changes.take_turn()
    db.session.refresh(tier)
    offer = offers.of_tier(tier)
    told = _told(offer.model_copy(update={"is_retired": is_retired}))
    setting.change_own(TIER + tier.slug, told, first=_told(offer), seen=seen(tier.slug), by=by)


def move_up(tier: Tier, *, by: Person) -> None:
    """Before the one that is offered before it; the first stays. Commits."""
    changes.take_turn()
    every = tiers.every()
    order = [one.slug for one in every]
    offered = [one.slug for one in every if not one.is_retired]
    if tier.slug not in offered[1:]:
        return
    before = offered[offered.index(tier.slug) - 1]
    moved = [slug for slug in order if slug != tier.slug]
    moved.insert(moved.index(before), tier.slug)
    version = changes.version([ORDER_OF_TIERS])
    setting.change_own(ORDER_OF_TIERS, moved, first=order, seen=version, by=by)


def _told(offer: Offer) -> Mapping[str, Any]:
    return offer.model_dump(mode="json")
