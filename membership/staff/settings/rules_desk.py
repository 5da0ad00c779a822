"""Where an admin says how a vote goes, what is held back, and what stands on articles."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from membership.giving import held_back
from membership.settings import words
from membership.settings.current import rules
from membership.staff.access import admins_only
from membership.staff.settings.rules_forms import HELD_BACK, AbuseForm, ArticlesForm, VotingForm
from membership.staff.settings.saving import save
from membership.staff.settings.setting_words import TEXTS

ON_ARTICLES = (words.ARTICLE_HEADLINE, words.ARTICLE, words.BLOCKED, words.QUOTING)

bp = Blueprint("rules_desk", __name__, url_prefix="/staff/settings")
bp.before_request(admins_only)


@bp.get("/voting")
def voting() -> ResponseReturnValue:
    return _voting_page(VotingForm())


@bp.post("/voting")
def set_voting() -> ResponseReturnValue:
    return save(VotingForm(), _voting_page, ".voting")


@bp.get("/abuse")
def abuse() -> ResponseReturnValue:
    return _abuse_page(AbuseForm())


@bp.post("/abuse")
def set_abuse() -> ResponseReturnValue:
    return save(AbuseForm(), _abuse_page, ".abuse")


@bp.get("/articles")
def articles() -> ResponseReturnValue:
    return _articles_page(ArticlesForm())


@bp.post("/articles")
def set_articles() -> ResponseReturnValue:
    return save(ArticlesForm(), _articles_page, ".articles")


def _voting_page(form: VotingForm) -> str:
    return render_template("staff/settings/voting.html", form=form)


def _abuse_page(form: AbuseForm) -> str:
    return render_template(
        "staff/settings/abuse.html", form=form, held_back=held_back.lately(), whys=HELD_BACK
    )


def _articles_page(form: ArticlesForm) -> str:
    return render_template(
        "staff/settings/articles.html",
        form=form,
        texts=[(name, TEXTS[name]) for name in ON_ARTICLES],
        appeals=rules.appeals,
    )
