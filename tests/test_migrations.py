"""Migrations run up and down on both databases and make what the models describe."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

import app as application
from config import Settings
from membership.extensions import db
from tests.conftest import let_go, new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    """An application on a database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        server = request.getfixturevalue("postgresql_server")
        server.psql("drop database if exists empty;")
        url = new_database(server, "empty")
    app = application.create_app(Settings(instance_dir=tmp_path, database_url=url), testing=True)
    yield app
    let_go(app)


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_makes_what_the_models_describe_and_down_takes_it_away(empty: Flask):
    with empty.app_context():
        upgrade()
        assert tables() == set(db.metadata.tables)
        check()
        downgrade(revision="base")
        assert tables() == set()
        upgrade()
        assert tables() == set(db.metadata.tables)


def test_the_roles_of_staff_are_there_from_the_start(empty: Flask):
    with empty.app_context():
        upgrade()
        names = db.session.execute(sa.text("select name from role order by name")).scalars().all()
        assert names == ["admin", "editor", "finance"]
