"""On a phone, a refused form is told first; at the desk no figure leaves a hole."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, looks_right, open_context

pytestmark = pytest.mark.browser


def send_badly(page: Page) -> None:
    page.goto("/support")
    page.locator("label[for^='amount_month']").last.click()
    page.locator("#own_amount").fill("a lot")
    page.locator("#email").fill("olha@")
    page.locator(".giving-button").click()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("language", "error"), [("en", "Error: "), ("uk", "Помилка: ")])
def test_who_is_refused_stands_at_why_and_is_led_to_the_field(
    chromium: Browser, demo: Demo, language, error, scripts
):
    context = open_context(
        chromium, demo, width=390, language=language, java_script_enabled=scripts
    )
    page = context.new_page()
    send_badly(page)
    expect(page).to_have_title(re.compile(f"^{error}"))
    summary = page.locator(".problems")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport(ratio=1)
    if scripts:
        looks_right(page)
    for number, field in enumerate(("#own_amount", "#email")):
        summary.get_by_role("link").nth(number).click()
        expect(page.locator(field)).to_be_focused()
        expect(page.locator(field)).to_be_in_viewport()
    expect(page.locator("#own_amount")).to_have_value("a lot")
    expect(page.locator("#email")).to_have_value("olha@")
    context.close()


def test_an_own_amount_with_its_sign_is_on_the_button_and_taken(visitor: Page):
    visitor.goto("/support")
    visitor.locator("label[for^='amount_month']").last.click()
    for typed in ("5 €", "€5", "5 EUR"):
        visitor.locator("#own_amount").fill(typed)
        expect(visitor.get_by_role("button", name="Give €5 a month")).to_be_visible()
    visitor.locator("#own_amount").fill("$5")
    expect(visitor.get_by_role("button", name="Give your own amount a month")).to_be_visible()
    visitor.locator("#own_amount").fill("5 €")
    visitor.locator("#email").fill("sign@example.org")
    visitor.locator(".giving-button").click()
    expect(visitor.locator("[name=number]")).to_be_visible()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_desks_figures_leave_no_hole(chromium: Browser, demo: Demo, width):
    context = open_context(chromium, demo, width=width)
    page = context.new_page()
    page.goto(demo.sign_in_link("figures@example.org", "admin"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".figures")).to_be_visible()
    looks_right(page)
    edges = page.locator(".figures").evaluate(
        """grid => [grid.getBoundingClientRect().right,
            ...[...grid.children].map(cell => cell.getBoundingClientRect())
              .map(box => [Math.round(box.top), box.right])]"""
    )
    right, *cells = edges
    rows: dict[int, float] = {}
    for top, edge in cells:
        rows[top] = max(edge, rows.get(top, 0))
    assert rows
    assert all(abs(edge - right) < 1 for edge in rows.values())
    assert len({sum(top == row for top, _edge in cells) for row in rows}) == 1
    context.close()
