"""create_app(): reads the settings, hangs extensions and blueprints. Nothing else."""

import gc
import logging
from datetime import timedelta
from pathlib import Path

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from config import Mode, Settings
from membership import (
    assets,
    cli,
    door,
    gateway,
    health,
    jobs,
    kept,
    origins,
    postgresql,
    sqlite,
    troubles,
    uploads,
    web,
)
from membership import extensions as ext
from membership.articles.api import views as api
from membership.articles.corrections import views as corrections
from membership.articles.elements import own as articles_own
from membership.articles.elements import seen
from membership.articles.elements import views as articles
from membership.articles.feeds import views as feeds
from membership.articles.frames import views as frames
from membership.clock import clock
from membership.figures import goal
from membership.giving import my_giving
from membership.giving import views as giving
from membership.inbox import sandbox_clock
from membership.inbox import views as inbox
from membership.mail import delivery, mjml_templates
from membership.mail import views as mailbox
from membership.patrons import accounts, marks
from membership.patrons import views as patrons
from membership.rounds import agenda
from membership.rounds import views as rounds
from membership.settings import current, logo, words
from membership.settings import views as logo_views
from membership.staff import views as staff
from membership.staff.account import account_desk
from membership.staff.corrections import correction_desk
from membership.staff.figures import article_figures, figure_desk, figure_lists, supporter_figures
from membership.staff.imports import bank_desk, import_desk
from membership.staff.money import bookkeeping, payment_desk
from membership.staff.people import gift_desk, join_desk, people_desk, person_desk
from membership.staff.settings import (
    amounts_desk,
    appeals_desk,
    goal_desk,
    letters_desk,
    rules_desk,
    settings_desk,
    team_desk,
    tier_desk,
    words_desk,
)
from membership.staff.votes import round_desk, topic_desk
from membership.topics import proposing

ROOT = Path(__file__).parent
LARGEST_REQUEST = 64 * 1024


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    settings = settings or config.load()
    app = Flask("hromada", root_path=str(ROOT), static_folder=None)
    app.config.from_mapping(_flask_settings(settings), TESTING=testing)
    app.extensions["settings"] = settings
    current.init_app(app, settings)
    _log(settings)
    door.init_app(app, lambda: current.of(app).known.languages)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    if settings.mode is Mode.sandbox:
        clock.follow(settings.instance_dir.resolve() / "clock")

    ext.db.init_app(app)
    with app.app_context():
        prepare = {"sqlite": sqlite.prepare, "postgresql": postgresql.prepare}
        prepare[ext.db.engine.dialect.name](ext.db.engine)
    app.session_interface = ext.Sessions()
    ext.migrate.init_app(app, ext.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    ext.csrf.init_app(app)
    ext.babel.init_app(app, locale_selector=web.language, timezone_selector=web.timezone)
    ext.limiter.init_app(app)
    ext.jobs.init_app(app, settings)
    ext.talisman.init_app(
        app,
        force_https=settings.is_secure,
        session_cookie_secure=settings.is_secure,
        content_security_policy=None,  # web.py sets it, and a view its own
        referrer_policy="strict-origin-when-cross-origin",
    )
    web.init_app(app)
    troubles.init_app(app)
    assets.init_app(app)
    kept.init_app(app)
    mjml_templates.init_app(app)
    delivery.init_app(app, settings)
    accounts.init_app(app)
    gateway.init_app(app, settings)
    uploads.init_app(app)
    origins.init_app(app)
    words.init_app(app)
    logo.init_app(app)
    goal.init_app(app)
    articles_own.init_app(app)
    seen.init_app(app)
    marks.init_app(app)

    rooms = (
        logo_views,
        patrons,
        giving,
        my_giving,
        inbox,
        proposing,
        agenda,
        rounds,
        articles,
        feeds,
        frames,
        api,
        corrections,
        health,
    )
    desks = (
        staff,
        article_figures,
        figure_desk,
        supporter_figures,
        figure_lists,
        people_desk,
        person_desk,
        gift_desk,
        join_desk,
        import_desk,
        bank_desk,
        payment_desk,
        bookkeeping,
        topic_desk,
        round_desk,
        correction_desk,
        account_desk,
        amounts_desk,
        appeals_desk,
        goal_desk,
        letters_desk,
        rules_desk,
        settings_desk,
        tier_desk,
        words_desk,
        team_desk,
    )
    for room in (*rooms, *desks):
        app.register_blueprint(room.bp)
    app.register_blueprint(frames.oembed_bp)
    if settings.mode is Mode.sandbox:
        app.register_blueprint(mailbox.bp)
        app.register_blueprint(sandbox_clock.bp)
    jobs.init_app(app)
    cli.init_app(app)
    if not testing:
        # All this stays. To look through it for what may go took a tenth of a second now and then.
        gc.freeze()
    return app


def _flask_settings(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions read; everything of ours is in `extensions.settings`."""
    return {
        "SECRET_KEY": settings.signing_key,
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url,
        "SQLALCHEMY_ENGINE_OPTIONS": ext.engine_options(settings.sqlalchemy_url),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_NAME": "hromada",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_secure,
        "REMEMBER_COOKIE_NAME": "remember_token",
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.is_secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_DURATION": timedelta(days=60),
        "WTF_CSRF_CHECK_DEFAULT": False,  # origins.py does
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.is_secure,
        "BABEL_DEFAULT_LOCALE": settings.languages[0],
        "BABEL_TRANSLATION_DIRECTORIES": str(settings.translations),
        "RATELIMIT_ENABLED": settings.rate_limits == "on",
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": ext.patience_with_redis() if settings.redis_url else {},
    }


def _log(settings: Settings) -> None:
    as_json = settings.log_format == "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
