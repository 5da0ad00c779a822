"""`flask --app app import stripe`: an account that sold before we came, from the command line."""

from collections import Counter
from collections.abc import Iterator

import click
from flask.cli import with_appcontext

from membership.gateway import StripeDown, StripeRefused
from membership.inbox import account, reconcile
from membership.inbox.account import OVER, RUNNING, Foreseen
from membership.staff.account import matching, undoing
from membership.staff.account.matching import UnknownTier


@click.command("stripe")
@click.option(
    "--match",
    "matches",
    multiple=True,
    help="What stands for which tier: prod_…=SLUG or price_…=SLUG.",
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each, and change nothing.")
@click.option("--undo", is_flag=True, help="Take out again who came so, unless touched since.")
@with_appcontext
def account_command(matches: tuple[str, ...], dry_run: bool, undo: bool) -> None:
    """Take in who gives through products that were sold before we came, with their whole past.

    Without --match, and where nothing was matched before, it says what the account sells. Nothing
    is changed at Stripe. Safe to interrupt, and to run again.
    """
    try:
        if undo:
            _take_out()
        else:
            _take_in(dict(_parsed(matches)), dry_run=dry_run)
    except (StripeDown, StripeRefused) as error:
        raise click.ClickException(f"Stripe: {error}") from error
    except UnknownTier as error:
        raise click.ClickException(f"there is no tier called {error}") from error


def _take_in(named: dict[str, str], *, dry_run: bool) -> None:
    choice = matching.chosen()
    tiers = choice.matched.tiers | named
    if unknown := account.unknown_tiers(tiers.values()):
        raise UnknownTier(sorted(unknown)[0])
    if not tiers:
        _say_what_it_sells()
    elif dry_run:
        _say_what_would_be(tiers)
    else:
        matching.choose(tiers, seen=choice.version, by=None)
        matching.switch(is_on=True, seen=matching.chosen().version, by=None)
        tally = reconcile.run(
            progress=lambda what, read: click.echo(f"… {read} {what} read", err=True)
        )
        for kind, count in sorted(tally.items()):
            click.echo(f"{count} × {kind}")
        if not tally:
            click.echo("No difference.")


def _take_out() -> None:
    matching.switch(is_on=False, seen=matching.chosen().version, by=None)
    click.echo(f"{undoing.undo()} × taken out")
    for slug, count in matching.counted().items():
        click.echo(f"{count} × {slug} left, for they were not made here or were touched since")


def _say_what_it_sells() -> None:
    account.look()
    look = account.last()
    if look is None or look.error:
        raise click.ClickException(f"Stripe: {look.error if look else ''}")
    click.echo(f"{look.read} subscriptions")
    for product in look.found:
        click.echo(f"{product['id']}  {product['name']}: {_counts(product)}")
        for price in product["prices"]:
            every = f"{price['interval_count']} {price['interval']}"
            money = f"{price['amount']} {price['currency']} (minor units) every {every}"
            click.echo(f"  {price['id']}  {money}: {_counts(price)}")
    if look.found:
        click.echo("Say what stands for which tier: --match ID=SLUG, and --dry-run first.")


def _counts(sold: dict[str, int]) -> str:
    return f"{sold[RUNNING]} running, {sold[OVER]} over"


def _say_what_would_be(tiers: dict[str, str]) -> None:
    tally: Counter[str] = Counter()
    for row in _every_foreseen(tiers):
        would = _would(row)
        tally[would] += 1
        sum_ = f"{row.money.plain} {row.money.currency}"
        click.echo(f"{row.stripe_id}  {row.email or '–'}  {sum_} {row.interval}: {would}")
    for would, count in sorted(tally.items()):
        click.echo(f"{count} × {would}")
    click.echo("Nothing was changed: a dry run.")


def _every_foreseen(tiers: dict[str, str]) -> Iterator[Foreseen]:
    after = None
    while rows := account.foresee(tiers, after=after):
        yield from rows
        after = rows[-1].stripe_id


def _would(row: Foreseen) -> str:
    if row.is_known:
        return "in the books already"
    if row.tier is None:
        return "left alone"
    return f"{'known' if row.person_id else 'new'}, {row.tier}"


def _parsed(matches: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for match in matches:
        stripe_id, sign, slug = match.partition("=")
        if not (stripe_id and sign and slug):
            raise click.ClickException(f"{match}: write it as prod_…=SLUG")
        yield stripe_id, slug
