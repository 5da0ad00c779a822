"""A passage is told by what it says, and a browser is led to it."""

from itertools import takewhile
from sys import setprofile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.articles.corrections.models import CONTEXT, LONGEST_PARAGRAPH
from membership.articles.corrections.passages import Passage, passage, tidy, tidy_lines

HERE = "https://slovo.example/a"


def test_spaces_and_quotation_marks_make_no_other_passage():
    one = Passage(HERE, 'He said "no", it\'s over')
    other = passage(HERE, " He said\u00a0“no”,\nit’s  over ", "", "", "")
    assert one.key == other.key
    assert one.key != Passage("https://slovo.example/b", one.exact).key
    assert one.key != Passage(HERE, "He said “no”, it’s Over").key


def test_of_several_places_it_is_the_one_that_the_prefix_stands_before():
    text = "In 1989 we asked. In 1989 they paid. In 1989 it fell."
    for prefix, place in (("", 3), ("we asked. In ", 21), ("they paid. In ", 40)):
        assert passage(HERE, "1989", prefix, " ", text).span == (place, place + 4)


@given(st.text("ab ", max_size=30), st.integers(0, 29), st.integers(1, 5), st.text("ab "))
def test_no_other_place_has_more_of_the_prefix_before_it(text, start, size, prefix):
    whole, wanted, before = tidy(text), tidy(text[start : start + size]), tidy(prefix)
    its = Passage(HERE, wanted, prefix, "", whole)

    def shared(place: int) -> int:
        both = zip(reversed(whole[:place].rstrip()), reversed(before), strict=False)
        return len(list(takewhile(lambda pair: pair[0] == pair[1], both)))

    places = [place for place in range(len(whole)) if wanted and whole.startswith(wanted, place)]
    best = max(places, key=shared, default=None)
    assert its.span == (None if best is None else (best, best + len(wanted)))


def test_looking_for_it_takes_as_many_steps_however_often_it_is_there():
    """What strangers send may be one letter, sixty thousand times."""
    assert steps("a" * 1000) == steps("a" * 2000)


def steps(paragraph: str) -> int:
    """How many functions are called, up to where the passage is read for the third time."""
    its, calls = Passage(HERE, "a" * 50, "a", "", paragraph), []
    setprofile(lambda _frame, event, _arg: calls.append(event))
    try:
        assert (its.span, its.paragraph_key is None) == ((1, 51), False)
        assert its.marked.before == "a"
    finally:
        setprofile(None)
    return calls.count("call")


def test_what_is_not_in_the_paragraph_has_none():
    its = passage(HERE, "1989", "In ", " we", "Something else.")
    assert (its.paragraph, its.span, its.paragraph_key) == ("", None, None)
    assert its.marked == ("In ", "1989", " we")


def test_of_a_long_paragraph_what_stands_around_the_passage_is_kept():
    its = passage(HERE, "needle", "hay ", " hay", "hay " * 900 + "needle" + " hay" * 900)
    assert len(its.paragraph) <= LONGEST_PARAGRAPH
    assert its.marked.passage == "needle"
    assert len(its.marked.before) > 900 < len(its.marked.after)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b\tc\r\nd", "a b c d"),
        ("safe\u202eevil\u202c", "safeevil"),
        ("soft\u00adhyphen \ufeff\u200b", "softhyphen"),
        ("\ud800x", "x"),
        ("e\u0301", "é"),
    ],
)
def test_what_cannot_be_seen_is_not_kept(typed: str, kept: str):
    assert tidy(typed) == kept


def test_lines_stay_where_there_may_be_several():
    assert tidy_lines("\n one\u00a0 two \n\n three\n") == "one two\n\nthree"


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        (
            ("built in 1897", "bridge was ", ", and it"),
            "bridge%20was-,built%20in%201897,-%2C%20and%20it",
        ),
        (("a-b, c & d", "", ""), "a%2Db%2C%20c%20%26%20d"),
        (("ilt in 18", "was bu", "97, and"), "was-,built%20in%201897,-%2C%20and"),
        (("міст", "", ""), "%D0%BC%D1%96%D1%81%D1%82"),
        (("#?=%", "", ""), "%23%3F%3D%25"),
    ],
)
def test_a_browser_is_led_to_whole_words_with_what_stands_around_them(parts, address):
    assert passage(HERE, *parts, "").address == f"{HERE}#:~:text={address}"


def test_a_long_passage_is_named_by_its_two_ends():
    words = [f"w{number}" for number in range(60)]
    its = passage(HERE, " ".join(words), "before ", " after", f"before {' '.join(words)} after")
    assert its.address == (
        f"{HERE}#:~:text=before-,w0%20w1%20w2%20w3%20w4%20w5,w54%20w55%20w56%20w57%20w58%20w59,-after"
    )


def test_what_stands_around_is_of_the_same_paragraph_alone():
    """A browser finds nothing whose pieces begin in one paragraph and end in another."""
    its = passage(
        HERE, "Built in", "A heading above ", " 1897. The next paragraph", "Built in 1897."
    )
    assert its.address == f"{HERE}#:~:text=Built%20in,-1897."


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_is_sent_is_kept_in_bounds(exact, prefix, suffix, paragraph):
    its = passage(HERE, exact, prefix, suffix, paragraph)
    assert len(its.prefix) <= CONTEXT >= len(its.suffix)
    assert len(its.paragraph) <= max(LONGEST_PARAGRAPH, len(its.exact))
    assert tidy(its.exact) == its.exact
    its.address.encode("utf-8")


@pytest.mark.parametrize(
    ("before", "marked", "after", "kept"),
    [
        ("тридцять кіл", "ометрів і п’", "ять метрів", "кілометрів і п’ять"),
        ("it is п’", "ят", "ь, or so", "п’ять"),
        ("he said ‘y", "e", "s’ and went", "yes"),
        ("in ", "1897", ", and", "1897"),
        ("built in 1", "89", "7, and", "1897"),
    ],
)
@pytest.mark.parametrize("is_known", [True, False])
def test_half_a_word_is_kept_whole(before, marked, after, kept, is_known):
    paragraph = f"{before}{marked}{after}" if is_known else ""
    its = passage(HERE, marked, before, after, paragraph)
    assert its.exact == kept
    assert f"{its.prefix}{its.exact}{its.suffix}" == f"{before}{marked}{after}"


def test_what_goes_on_in_the_next_paragraph_is_found_by_how_it_begins():
    """No term of a text directive may go on from one paragraph into another."""
    its = passage(
        HERE,
        "cost eleven million hryvnias. The mayor's office",
        "The road ",
        " answered the next day.",
        "Nobody knows why. The road cost eleven million hryvnias.",
    )
    assert its.exact == "cost eleven million hryvnias. The mayor's office"
    assert its.marked.before == "The road "
    assert its.address == (
        f"{HERE}#:~:text=Nobody%20knows%20why.%20The%20road-,cost%20eleven%20million%20hryvnias."
    )
