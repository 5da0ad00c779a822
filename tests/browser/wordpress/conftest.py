"""A newsroom's WordPress beside the demo newsroom, with an editor and readers of its own."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Demo, follow, open_context
from tests.browser.wordpress.site import PASSWORD, USER, WordPress, running

SwitchOn = Callable[..., None]


@pytest.fixture(scope="session")
def installed() -> Iterator[WordPress]:
    with running() as its:
        yield its


@pytest.fixture
def wordpress(installed: WordPress) -> Iterator[WordPress]:
    """The plugin is there and switched off, and nothing is written; it leaves no warning behind."""
    installed.php(
        "require ABSPATH . 'wp-admin/includes/plugin.php'; deactivate_plugins('hromada.php');"
        "foreach (get_posts(['numberposts' => -1, 'post_type' => 'any', 'post_status' => 'any'])"
        " as $post) wp_delete_post($post->ID, true);"
    )
    installed.dress("twentytwentythree")
    yield installed
    assert installed.warnings() == []
    assert installed.outside() == []


@pytest.fixture
def switch_on(wordpress: WordPress, demo: Demo) -> SwitchOn:
    """Switch the plugin on, with these settings beside the address of the desk."""

    def switch(**settings: object) -> None:
        wanted = json.dumps({"desk": demo.site, "language": "en"} | settings)
        wordpress.php(
            "require ABSPATH . 'wp-admin/includes/plugin.php'; activate_plugin('hromada.php');"
            f"update_option('hromada', json_decode('{wanted}', true));"
        )

    return switch


@pytest.fixture
def editor(chromium: Browser, demo: Demo, wordpress: WordPress) -> Iterator[Page]:
    """Signed in to WordPress."""
    context = open_context(chromium, demo, also=wordpress.url)
    page = context.new_page()
    page.goto(f"{wordpress.url}/wp-login.php")
    page.get_by_label("Username or Email Address").fill(USER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Log In"))
    yield page
    context.close()
