"""Pictures made on the server: SVG in the house's colours, without a style or script of their own.

The same numbers stand in a table beside each, so a picture is hidden from screen readers and its
links from the keyboard. A bar tells its value under the pointer and leads where its number does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import pygal
from markupsafe import Markup

WIDTH, HEIGHT = 880, 300
MOST_LABELS = 12
MARGIN, RIGHT, AWAY = 4, 36, 6
LEFT = 28
"""What half a label takes of the first point of a line, where no axis stands on the left."""
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
# What pygal draws for its own script, and paints over the page's own ground.
SUPERFLUOUS = ("overlay", "titles", "background")
SETTINGS = {
    "css": (),
    "js": (),
    "explicit_size": False,
    "include_x_axis": True,
    "margin": MARGIN,
    "margin_left": 12,
    "margin_right": RIGHT,
    "max_scale": 6,
    "show_legend": False,
    "show_minor_x_labels": True,
    "truncate_label": -1,
    "width": WIDTH,
    "height": HEIGHT,
}

Written = Callable[[int], str]


@dataclass(frozen=True)
class Point:
    """A value in minor units, what is said of it under the pointer, and where it leads."""

    value: int
    words: str
    href: str | None = None


def stacked_bars(
    labels: Sequence[str],
    series: Sequence[Sequence[Point]],
    *,
    written: Written,
    is_ahead: bool = False,
) -> Markup:
    """Bars above and below zero, one upon the other; empty if all of them are nothing.

    The axis stands where one begins to read: on the right of what was, unless it `is_ahead`.
    """
    return _drawn(pygal.StackedBar(**SETTINGS), labels, series, written, is_ahead=is_ahead)


def lines(labels: Sequence[str], series: Sequence[Sequence[Point]], *, written: Written) -> Markup:
    """Lines over an axis that begins at zero; empty if all of it is nothing."""
    return _drawn(pygal.Line(**SETTINGS, dots_size=3), labels, series, written, is_ahead=False)


def _drawn(
    chart: pygal.Graph,
    labels: Sequence[str],
    series: Sequence[Sequence[Point]],
    written: Written,
    *,
    is_ahead: bool,
) -> Markup:
    if not any(point.value for points in series for point in points):
        return Markup()
    chart.x_labels = _some_of(labels)
    chart.value_formatter = lambda value: written(round(value))
    for number, points in enumerate(series):
        values = [
            {"value": point.value, "label": point.words, "xlink": point.href or ""}
            for point in points
        ]
        chart.add(str(number), values)
    picture = chart.render_tree()
    _clean(picture)
    if not is_ahead:
        _put_axis_on_the_right(picture)
    picture.attrib.pop("id", None)
    picture.set("class", "chart")
    picture.set("aria-hidden", "true")
    picture.set("focusable", "false")
    return Markup(ElementTree.tostring(picture, encoding="unicode"))  # noqa: S704


def _some_of(labels: Sequence[str]) -> list[str]:
    """So many as can be read side by side, the latest among them."""
    step = -(-len(labels) // MOST_LABELS)
    last = len(labels) - 1
    return [label if (last - place) % step == 0 else "" for place, label in enumerate(labels)]


def _put_axis_on_the_right(picture: ElementTree.Element) -> None:
    """Where a page is too narrow for all of it, it begins with the latest, and shows the axis."""
    [plot] = picture.iterfind(".//*[@class='plot']")
    [axis] = picture.iterfind(".//*[@class='axis y always_show']")
    left = float(plot.attrib["transform"].removeprefix("translate(").split(",")[0])
    plot.set("transform", f"translate({LEFT}, {MARGIN})")
    axis.set("class", "axis y right")
    for label in axis.iterfind(".//*[@x]"):
        label.set("x", str(WIDTH - left - RIGHT + AWAY))


def _clean(element: ElementTree.Element) -> None:
    """Leave what is drawn, with a title and a plain link where there was pygal's own."""
    element.attrib.pop("style", None)
    if XLINK_HREF in element.attrib:
        element.set("href", element.attrib.pop(XLINK_HREF))
        element.set("tabindex", "-1")
        element.attrib.pop("target", None)
    words = None
    for child in list(element):
        if _is_superfluous(child):
            element.remove(child)
        elif child.tag == "desc":
            words = child.text if child.get("class") == "label" else words
            element.remove(child)
        else:
            _clean(child)
    if words:
        title = ElementTree.Element("title")
        title.text = words
        element.insert(0, title)


def _is_superfluous(element: ElementTree.Element) -> bool:
    if not isinstance(element.tag, str) or element.tag in ("defs", "title"):
        return True
    classes = (element.get("class") or "").split()
    is_nothing = "rect" in classes and float(element.get("height", "1")) == 0
    return is_nothing or any(part in name for name in classes for part in SUPERFLUOUS)
