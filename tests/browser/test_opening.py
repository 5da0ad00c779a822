"""Who can fill in a form opens a newsroom: from `make newsroom` to a gift and a vote, in Polish.

Polish is a folder under translations/ and nothing else. All of it is done by the keyboard.
"""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.browser.conftest import ROOT, Demo, looks_right, open_context, started
from tests.waiting import until

pytestmark = pytest.mark.browser

NAME, CONTACT = "Głos Podlasia", "redakcja@glos.example.org"
APPEAL = "**Głos Podlasia** jest dla wszystkich, bo wspierają go czytelnicy."
EDITOR, BOOKS, READER = "temat@example.org", "ksiegi@example.org", "czytelnik@example.org"
FARTHEST = 200
LATE, SOON = "2030-01-01", "2020-01-01"


@pytest.fixture(scope="module")
def polish() -> Catalog:
    with (ROOT / "translations/pl/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="pl")


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with started(tmp_path_factory.mktemp("newsroom"), "newsroom", ADMIN="ja@example.org") as demo:
        yield demo


class Hands:
    """Somebody who reads Polish and has a keyboard alone."""

    def __init__(self, context: BrowserContext, polish: Catalog) -> None:
        self.page = context.new_page()
        self._polish = polish

    def said(self, english: str) -> str:
        """What stands there in Polish."""
        message = self._polish.get(english)
        assert message is not None, english
        assert message.string, english
        return str(message.string)

    def goto(self, address: str) -> None:
        self.page.goto(address)
        looks_right(self.page)

    def reach(self, place: Locator) -> None:
        """Press Tab until it has the focus."""
        expect(place).to_have_count(1)
        for _ in range(FARTHEST):
            if place.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {place}")

    def press(self, english: str, *, role: str = "button", within: Locator | None = None) -> None:
        """Press a button or follow a link, and look at what it leads to."""
        where = within or self.page.locator("main")
        self.enter(where.get_by_role(role, name=self.said(english), exact=True).first)  # type: ignore[arg-type]

    def enter(self, place: Locator) -> None:
        self.reach(place)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        looks_right(self.page)

    def type(self, name: str, text: str) -> None:
        """Into the field of that name, in place of what stood there."""
        self.reach(self.page.locator(f"main [name={name}]"))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def fill(self, name: str, value: str) -> None:
        """What a browser has a window of its own for, such as a day or a colour."""
        self.reach(self.page.locator(f"main [name={name}]"))
        self.page.locator(f"main [name={name}]").fill(value)

    def tick(self, name: str, value: str, *, wanted: bool = True) -> None:
        box = self.page.locator(f"main [name={name}][value='{value}']")
        if box.is_checked() is not wanted:
            self.reach(box)
            self.page.keyboard.press("Space")

    def pick(self, name: str, value: str) -> None:
        field = self.page.locator(f"main select[name={name}]")
        self.reach(field)
        field.select_option(value)

    def hears(self, english: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(self.said(english))


def open_page(chromium: Browser, demo: Demo, polish: Catalog, *, width: int) -> Hands:
    return Hands(open_context(chromium, demo, width=width, language="pl"), polish)


def sign_in_by(hands: Hands, letter_to: str) -> None:
    """By the link in the latest letter to somebody."""
    page = hands.page
    letter = page.locator("tr", has_text=letter_to).first.get_by_role("link")
    until(lambda: (page.goto(f"/dev/mail?to={letter_to}"), letter.count() == 1)[1])
    letter.click()
    page.goto(page.locator(".letter a[href*='/sign-in/']").get_attribute("href") or "")
    hands.press("Sign in")


def left(hands: Hands) -> int:
    """How many steps of the first stage are left, as the page of the opening says."""
    hands.goto("/staff/settings/opening")
    first = hands.page.locator("main section").first
    return first.locator(".is-missing").count()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_newsroom_opens_in_polish(empty: Demo, chromium: Browser, polish: Catalog, width: int):
    desk = open_page(chromium, empty, polish, width=width)
    desk.page.goto(empty.staff_link)
    desk.press("Sign in")
    expect(desk.page).to_have_url(re.compile("/staff$"))
    expect(desk.page.locator("main")).to_contain_text(desk.said("What it takes to open"))
    assert left(desk) == 6

    desk.press("Name it", role="link")
    desk.type("newsroom_name", NAME)
    desk.type("newsroom_contact", CONTACT)
    desk.fill("newsroom_accent", "#1f5f4a")
    desk.fill("newsroom_accent_dark", "#8fd3b6")
    desk.tick("languages", "uk", wanted=False)
    desk.pick("first_language", "pl")
    desk.press("Save")
    desk.hears("Saved.")

    desk.goto("/staff/settings/words/appeal")
    desk.type("text_pl", APPEAL)
    desk.press("Save")
    desk.hears("Saved.")

    desk.goto("/staff/settings/amounts")
    desk.type("currencies", "PLN, EUR")
    desk.press("Save")
    desk.hears("Saved.")

    for name, zloty, euro in (("Czytelnik", "20", "5"), ("Patron", "50", "12")):
        desk.goto("/staff/settings/tiers")
        desk.press("Add a tier", role="link")
        desk.type("name_pl", name)
        desk.type("benefits_pl", "List z redakcji w niedzielę")
        for currency, amount in (("pln", zloty), ("eur", euro)):
            desk.type(f"amount_{currency}_month", amount)
            desk.type(f"amount_{currency}_year", f"{int(amount) * 10}")
        desk.press("Save")
        desk.hears("The tier is offered now.")

    desk.goto("/staff/settings/goal")
    desk.reach(desk.page.locator("main [name=aim]:checked"))
    desk.page.keyboard.press("ArrowDown")
    desk.type("number", "100")
    desk.fill("first", SOON)
    desk.fill("last", LATE)
    desk.press("Save")
    desk.hears("Saved.")

    for email, role in ((EDITOR, "editor"), (BOOKS, "finance")):
        desk.goto("/staff/settings/staff")
        desk.type("email", email)
        desk.tick("roles", role)
        desk.press("Invite them")
        expect(desk.page.locator("main")).to_contain_text(email)
    assert left(desk) == 2

    reader = open_page(chromium, empty, polish, width=390)
    reader.goto("/")
    page = reader.page
    expect(page.locator("main")).to_contain_text("jest dla wszystkich, bo wspierają go czytelnicy")
    expect(page.locator(".goal")).to_contain_text("100")
    expect(page.locator("header").first).to_contain_text(NAME)
    expect(page.locator(".benefits")).to_contain_text("List z redakcji")
    expect(page.locator(".amounts[data-interval=month]")).to_contain_text("50 zł")
    reader.type("email", READER)
    reader.enter(page.locator(".giving-button"))
    for name, typed in (
        ("name", "Ola Nowak"),
        ("number", "4242424242424242"),
        ("exp", "12/40"),
        ("cvc", "123"),
    ):
        page.locator(f"[name={name}]").fill(typed)
    page.locator("button[name=pay]").press("Enter")
    expect(page.get_by_role("heading", name=reader.said("You are a patron"))).to_be_visible()
    looks_right(page)

    editor = open_page(chromium, empty, polish, width=width)
    sign_in_by(editor, EDITOR)
    for title in ("Kto sprzątał rzekę?", "Ile kosztuje dworzec?"):
        editor.goto("/staff/topics/new")
        editor.type("title", title)
        editor.type("why", "Pytają o to czytelnicy.")
        editor.press("Put it up")
        editor.reach(editor.page.locator("summary", has_text=editor.said("Say what it takes")))
        editor.page.keyboard.press("Enter")
        editor.pick("hours", "8")
        editor.enter(editor.page.locator("form[action$=hours] button"))
    editor.goto("/staff/rounds/new")
    editor.type("title", "Pierwsza runda")
    for box in editor.page.locator("main [name=topics]").all():
        editor.reach(box)
        editor.page.keyboard.press("Space")
    editor.press("Save and look at it")
    editor.enter(editor.page.locator("form[action$=open] button"))

    sign_in_by(reader, READER)
    reader.goto("/topics")
    reader.enter(page.locator("main a[href^='/rounds/']").first)
    reader.reach(page.get_by_role("checkbox").first)
    page.keyboard.press("Space")
    reader.enter(page.locator("form[action$=ballot] button[type=submit]"))
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)

    assert left(desk) == 0
    expect(desk.page.locator("main section").first).to_contain_text(
        desk.said("Nothing is left to do.")
    )
    desk.goto("/staff")
    expect(desk.page.locator("main")).not_to_contain_text(desk.said("What it takes to open"))
    for hands in (desk, reader, editor):
        hands.page.context.close()
