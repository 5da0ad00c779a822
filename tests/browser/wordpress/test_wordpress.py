"""deploy/wordpress/hromada.php in a real WordPress, as an editor and readers meet it."""

import json
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo, follow
from tests.browser.readers import OpenReader, Reader, give, open_reader, support
from tests.browser.wordpress.conftest import SwitchOn
from tests.browser.wordpress.packages import THEMES
from tests.browser.wordpress.site import WordPress
from tests.waiting import until

__all__ = ["open_reader"]  # fixtures

pytestmark = pytest.mark.browser

BRIDGE = (
    "<!-- wp:paragraph --><p>The bridge over the Stryi was closed for thirty days, said the "
    "council, and then it was open again.</p><!-- /wp:paragraph -->"
)
ROAD = (
    "<!-- wp:paragraph --><p>Every winter the road is mended, and every spring it is as it was. "
    "The council paid for it twice, in November and in March, and asked nobody why.</p>"
    "<!-- /wp:paragraph -->"
)
TEXT = "\n".join([BRIDGE, *[ROAD] * 12])
EVERYWHERE = {name: [0] for name in ("topic", "quote", "correction", "support", "blocked")}
NONE = re.compile(r"hromada", re.I)
MARK = """(passage) => {
  const its = [...document.querySelectorAll("p")].find((one) => one.textContent.includes(passage));
  const text = its.firstChild, at = text.data.indexOf(passage), range = document.createRange();
  its.scrollIntoView({ block: "center" });
  range.setStart(text, at);
  range.setEnd(text, at + passage.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""

OpenPost = Callable[..., Reader]


@pytest.fixture
def open_post(open_reader: OpenReader, wordpress: WordPress) -> OpenPost:
    """A new reader at an address of the WordPress."""

    def open_one(address: str, **options: object) -> Reader:
        reader = open_reader(also=wordpress.url, **options)
        reader.page.goto(address)
        return reader

    return open_one


def elements(page: Page) -> list[str]:
    """What stands on a page, in its order."""
    return page.evaluate(
        "[...document.querySelectorAll('*')].map((its) => its.localName)"
        ".filter((name) => name.startsWith('hromada-')).map((name) => name.slice(8))"
    )


def settings_page(editor: Page, wordpress: WordPress) -> None:
    editor.goto(f"{wordpress.url}/wp-admin/options-general.php?page=hromada")


def plugins_page(editor: Page, wordpress: WordPress, does: str) -> None:
    editor.goto(f"{wordpress.url}/wp-admin/plugins.php")
    follow(editor, editor.get_by_role("link", name=f"{does} Hromada"))


def test_an_editor_switches_it_on_and_chooses_what_stands_after_posts_of_a_section(
    editor: Page, wordpress: WordPress, demo: Demo, open_post: OpenPost
):
    politics = wordpress.post("Roads", TEXT, "Politics")
    culture = wordpress.post("Songs", TEXT, "Culture")
    plugins_page(editor, wordpress, "Activate")
    assert elements(open_post(politics).page) == []
    follow(editor, editor.get_by_role("link", name="Settings for Hromada"))
    editor.get_by_label("Address of the membership desk").fill(f"{demo.site}/")
    editor.get_by_label("Language of the texts").fill("uk")
    for box in ("Every post: Quoting", "Politics: Appeal", "Politics: Corrections"):
        editor.get_by_label(box).check()
    follow(editor, editor.get_by_role("button", name="Save Changes"))
    expect(editor.get_by_text("Settings saved.")).to_be_visible()
    expect(editor.get_by_label("Address of the membership desk")).to_have_value(demo.site)
    expect(editor.get_by_label("Politics: Appeal")).to_be_checked()
    expect(editor.get_by_label("Culture: Appeal")).not_to_be_checked()
    for theme in THEMES:
        wordpress.dress(theme)
        page = open_post(politics).page
        assert elements(page) == ["quote", "correction", "support"]
        expect(page.locator("hromada-support .main")).to_have_text("Стати патроном")
        assert elements(open_post(culture).page) == ["quote"]
        for elsewhere in ("/", "/category/politics/", "/?s=bridge"):
            assert elements(open_post(f"{wordpress.url}{elsewhere}").page) == []


def test_what_is_wrong_is_said_where_it_stands_and_nothing_that_was_typed_is_lost(
    editor: Page, wordpress: WordPress, demo: Demo, switch_on: SwitchOn
):
    wordpress.post("Roads", TEXT, "Politics")
    switch_on()
    settings_page(editor, wordpress)
    desk = editor.get_by_label("Address of the membership desk")
    language = editor.get_by_label("Language of the texts")
    appeal = editor.get_by_label("Politics: name of the appeal")
    desk.fill('javascript:alert("1")')
    language.fill("<Ukrainian>")
    appeal.fill("Border Towns")
    editor.get_by_label("Politics: Quoting").check()
    follow(editor, editor.get_by_role("button", name="Save Changes"))
    expect(editor.get_by_text("Nothing was saved: see below.")).to_be_visible()
    for field, typed, told in (
        (desk, 'javascript:alert("1")', "This is no address of a desk."),
        (language, "<Ukrainian>", "Write a language such as uk"),
        (appeal, "Border Towns", "Write its name as at the desk"),
    ):
        expect(field).to_have_value(typed)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(f"^{re.escape(told)}"))
    expect(editor.get_by_label("Politics: Quoting")).to_be_checked()
    found = Axe().run(editor, context="form[action='options.php']")
    assert found.violations_count == 0, json.dumps(found.response["violations"])
    assert wordpress.php("echo get_option('hromada')['desk'];") == demo.site
    desk.fill(demo.site)
    language.fill("pl")
    appeal.fill("border-towns")
    follow(editor, editor.get_by_role("button", name="Save Changes"))
    expect(editor.get_by_text("Settings saved.")).to_be_visible()
    settings_page(editor, wordpress)
    expect(appeal).to_have_value("border-towns")
    expect(editor.get_by_label("Politics: Quoting")).to_be_checked()


def test_a_form_that_nobody_would_send_does_no_harm(
    editor: Page, wordpress: WordPress, demo: Demo, switch_on: SwitchOn, open_post: OpenPost
):
    address = wordpress.post("Roads", TEXT, "Politics")
    switch_on(after=EVERYWHERE)
    settings_page(editor, wordpress)
    editor.evaluate("""() => {
      const form = document.querySelector("form[action='options.php']");
      form.innerHTML += `<input name="hromada[after][topic]" value="x">
        <input name="hromada[after][quote][][]" value="1">
        <input name="hromada[appeals]" value="y"><input name="hromada[language][]" value="uk">`;
    }""")
    follow(editor, editor.get_by_role("button", name="Save Changes"))
    assert "correction" in elements(open_post(address).page)


def test_a_reader_becomes_a_patron_and_comes_back_thanked(
    wordpress: WordPress, demo: Demo, switch_on: SwitchOn, open_post: OpenPost
):
    address = wordpress.post("Roads of Stryi", TEXT, "Politics")
    switch_on(after=EVERYWHERE)
    reader = open_post(address)
    page = reader.page
    follow(page, support(reader).locator(".amounts a").nth(1))
    follow(page, give(page, "wordpress@example.net"))
    expect(page).to_have_url(address)
    expect(page.locator("hromada-support .box")).to_contain_text("Thank you")
    expect(page.locator("hromada-support .amounts")).to_have_count(0)
    given = demo.rows("select source from donation where email = 'wordpress@example.net'")
    assert given == [(address,)]


def test_a_correction_arrives_and_its_note_stands_under_the_post(
    chromium, wordpress: WordPress, demo: Demo, switch_on: SwitchOn, open_post: OpenPost
):
    address = wordpress.post("The bridge", TEXT, "Politics")
    switch_on(after=EVERYWHERE)
    page = open_post(address, width=1280).page
    expect(page.locator("hromada-correction .box")).to_be_attached()
    page.evaluate(MARK, "thirty days")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text("thirty days")
    dialog.locator("[name=right]").fill("thirteen days")
    dialog.locator(".main").click()
    expect(dialog.get_by_role("status")).to_be_visible()
    desk = open_post(demo.sign_in_link("wordpress@example.org", "editor"), width=1280).page
    follow(desk, desk.locator("main form button"))
    desk.goto("/staff/corrections")
    follow(desk, desk.locator("tbody th a", has_text="thirty days"))
    expect(desk.locator("main")).to_contain_text("thirteen days")
    expect(desk.locator("main")).to_contain_text("The bridge")
    follow(desk, desk.get_by_role("link", name="See it in the article"))
    expect(desk).to_have_url(re.compile(re.escape(address)))
    desk.go_back()
    desk.get_by_text("It is corrected, with a note for everybody").click()
    desk.locator("[name$=was]").fill("thirty days")
    desk.locator("[name$=now]").fill("thirteen days")
    follow(desk, desk.get_by_role("button", name="Publish the note"))

    def shown() -> bool:
        its = open_post(address).page.locator("hromada-correction .box")
        expect(its).to_be_attached()
        return "thirteen days" in its.inner_text()

    until(shown)


def test_without_javascript_each_element_leads_on(
    wordpress: WordPress, switch_on: SwitchOn, open_post: OpenPost
):
    address = wordpress.post("Roads", TEXT, "Politics")
    switch_on(after=EVERYWHERE, language="pl")
    page = open_post(address, java_script_enabled=False).page
    expect(page.locator("hromada-quote")).to_have_text(
        "Ten tekst można cytować z linkiem do niego."
    )
    follow(page, page.get_by_role("link", name="Widzisz błąd? Napisz do nas"))
    expect(page.locator("[name=article]")).to_have_value(address)
    page.goto(address)
    follow(page, page.get_by_role("link", name="Zostań patronem"))
    expect(page.locator("[name=source]").first).to_have_value(address)


def test_a_bar_stands_at_the_foot_of_every_page_until_it_is_closed(
    wordpress: WordPress, switch_on: SwitchOn, open_post: OpenPost
):
    address = wordpress.post("Roads", TEXT, "Politics")
    switch_on(bar=True)
    reader = open_post(wordpress.url)
    bar = reader.page.locator("hromada-support[place=bar]")
    expect(bar.locator(".bar")).to_be_in_viewport()
    bar.get_by_role("button").click()
    expect(bar).to_be_hidden()
    reader.page.goto(address)
    expect(bar).to_be_hidden()
    expect(bar.locator("p")).to_have_count(1)


def test_an_editor_puts_an_appeal_in_the_middle_by_its_block(
    editor: Page, wordpress: WordPress, switch_on: SwitchOn, open_post: OpenPost
):
    opening = "<!-- wp:paragraph --><p>It is open.</p><!-- /wp:paragraph -->"
    address = wordpress.post("Roads", f"{opening}\n{TEXT}", "Politics")
    switch_on()
    number = wordpress.php("echo get_page_by_path('roads', OBJECT, 'post')->ID;")
    editor.goto(f"{wordpress.url}/wp-admin/post.php?post={number}&action=edit")
    editor.wait_for_function("window.wp?.data?.select('core/block-editor').getBlocks().length > 1")
    editor.get_by_role("button", name="Close dialog").click()
    editor.get_by_role("document", name="Paragraph block").first.click()
    editor.keyboard.press("End")
    editor.keyboard.press("Enter")
    editor.keyboard.type("/hromada")
    editor.get_by_role("option", name="Hromada: Appeal").click()
    shown = editor.locator("hromada-support")
    expect(shown).to_contain_text("Our reporting is free because readers pay for it.")
    editor.get_by_label("Where it stands").select_option("In the middle")
    editor.get_by_label("Name of the appeal").fill("border-towns")
    expect(editor.locator("hromada-support[place=middle][appeal=border-towns]")).to_be_visible()
    editor.get_by_role("button", name="Update").click()
    expect(editor.get_by_text("Post updated.").first).to_be_visible()
    page = open_post(address).page
    assert elements(page) == ["support"]
    expect(page.locator("hromada-support[place=middle][appeal=border-towns]")).to_be_attached()
    page.mouse.wheel(0, 5000)  # once it is past it may grow
    expect(page.locator("hromada-support .box")).to_be_attached()
    assert page.locator("hromada-support + p, p + hromada-support").count() == 2


def test_every_element_has_a_block(wordpress: WordPress, switch_on: SwitchOn, open_post: OpenPost):
    blocks = [f"<!-- wp:hromada/{name} /-->" for name in EVERYWHERE]
    address = wordpress.post("Roads", "\n".join([TEXT, *blocks]), "Politics")
    switch_on()
    page = open_post(address).page
    assert elements(page) == list(EVERYWHERE)
    for name in ("topic", "quote", "correction", "support"):
        expect(page.locator(f"hromada-{name} .box")).to_be_attached()


def test_a_pasted_address_of_a_vote_shows_it(
    wordpress: WordPress, demo: Demo, switch_on: SwitchOn, open_post: OpenPost
):
    (slug,) = demo.rows("select slug from round order by id limit 1")[0]
    shows = f"{demo.site}/rounds/{slug}"
    pasted = (
        f'<!-- wp:embed {{"url":"{shows}","type":"rich"}} --><figure class="wp-block-embed">'
        f'<div class="wp-block-embed__wrapper">\n{shows}\n</div></figure><!-- /wp:embed -->'
    )
    address = wordpress.post("The vote", pasted, "Politics")
    switch_on()
    page = open_post(address, width=1280).page
    frame = page.frame_locator(f"iframe[src^='{demo.site}/embed/rounds/{slug}']")
    expect(frame.locator("h1, h2").first).to_be_visible()


def test_switched_off_it_leaves_no_trace(
    editor: Page, wordpress: WordPress, demo: Demo, switch_on: SwitchOn, open_post: OpenPost
):
    (slug,) = demo.rows("select slug from round order by id limit 1")[0]
    everything = "\n".join(f"<!-- wp:hromada/{name} /-->" for name in EVERYWHERE)
    address = wordpress.post("Roads", TEXT, "Politics")
    with_blocks = wordpress.post("Songs", TEXT + everything, "Culture")
    pasted = wordpress.post("The vote", f"{demo.site}/rounds/{slug}", "Politics")

    def kept() -> str:
        return wordpress.php(
            "global $wpdb; foreach (['options' => 'option_name, option_value',"
            " 'postmeta' => 'meta_key, meta_value', 'usermeta' => 'meta_key, meta_value']"
            ' as $table => $columns) foreach ($wpdb->get_results("select $columns from'
            ' {$wpdb->prefix}$table", ARRAY_N) as $row)'
            f" if (preg_match('~hromada|_oembed_|{demo.site}~', $its = implode(' ', $row))"
            " && $row[0] != 'recently_activated') echo $its, PHP_EOL;"
        )

    def seen() -> list[str]:
        pages = (address, with_blocks, f"{wordpress.url}/category/culture/")
        return [re.sub(r"nonce\W+\w+", "", open_post(one).page.content()) for one in pages]

    before = kept(), seen()
    assert not NONE.search("".join(before[1]))
    plugins_page(editor, wordpress, "Activate")
    switch_on(after=EVERYWHERE, bar=True)
    expect(open_post(pasted).page.locator("iframe")).to_be_attached()
    assert all(NONE.search(page) for page in seen())
    assert f'src="{demo.site}/embed' in kept()
    plugins_page(editor, wordpress, "Deactivate")
    assert (kept(), seen()) == before
