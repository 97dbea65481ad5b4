"""Pictures with knobs: Python and the page compute the same, and anyone can turn them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import BOOK, ROOT, sphinx

from micrograd import Momentum, Value, gradient_descent_step, mse_loss, zero_gradients

pytest.importorskip("sphinx", reason="the book's tools are not installed")
pytest.importorskip("matplotlib", reason="the book's tools are not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sys.path.insert(0, str(ROOT / "conf"))
dial: Any = import_module("press.dial")

HOUR = BOOK / "first-hour"
SHOWN = {
    file.parent / line.removeprefix("```{dial} ")
    for file in BOOK.rglob("*.md")
    for line in file.read_text("utf-8").splitlines()
    if line.startswith("```{dial} ")
}
SCRIPTS = {script.stem: script for script in sorted(SHOWN)}
DIALS = list(SCRIPTS)
dials = pytest.mark.parametrize("name", DIALS)
LARGEST_PAGE = 300_000  # bytes


@cache
def described(name: str) -> Any:
    return dial.described(SCRIPTS[name])


def positions(knob: Any) -> list[float]:
    """Where a knob is tried: both ends, and places between."""
    count = round((knob["high"] - knob["low"]) / knob["step"])
    return [knob["low"] + knob["step"] * (count * i // 3) for i in range(4)]


def settings(told: Any) -> list[list[float]]:
    """Each knob at each of its positions, the others askew to it."""
    return [
        [positions(knob)[(i + k) % 4] for k, knob in enumerate(told["KNOBS"])] for i in range(4)
    ]


# In Python


def test_every_dial_of_the_book_is_tried_here() -> None:
    assert {"xor-learns", "descent-parabola"} <= set(DIALS)
    assert len(DIALS) == len(SHOWN)  # no two of one name


def test_formulas_are_computed_in_their_order() -> None:
    told = {
        "KNOBS": [{"name": "w", "low": 0, "high": 2, "step": 0.5, "start": 1}],
        "DATA": {"xs": [1, 2, 3]},
        "LET": {"u": "w * xs[1]", "v": "max(u, 3) ** 2"},
        "PANELS": [{"shapes": [{"kind": "dots", "points": [["w", "v"], [0, 1]]}]}],
    }
    assert dial.resolve(told, [1.5])[0][0]["points"] == [[1.5, 9.0], [0, 1]]
    assert (
        dial.filled("{w} and {v / 4:.2f}, {-w * 0:.1f}", dial.names_at(told, [1.5]))
        == "1.5 and 2.25, 0.0"
    )


def test_on_paper_the_knobs_stand_still() -> None:
    knobs = described("xor-learns")["KNOBS"]
    assert dial.values_of(knobs) == [0]
    assert dial.values_of(knobs, "still") == [knobs[0]["high"]]


def test_near_cells_of_a_surface_hide_far_ones() -> None:
    rows = [[0.0] * 4 for _ in range(4)]
    cells = dial.projected(rows, 0.3, [])["cells"]
    heights = [sum(y for _, y in points) for points, _ in cells]  # flat: the far ones stand higher
    assert heights == sorted(heights, reverse=True)


def test_a_surface_ends_at_the_heads_of_its_pins_once_it_has_learnt() -> None:
    told = described("xor-learns")
    shown = dial.resolve(told, dial.values_of(told["KNOBS"], "still"))
    for foot, head, _, _ in shown[1][0]["heads"]:
        assert foot == pytest.approx(head, abs=0.01)


def test_a_dial_too_large_for_a_page_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial, "LARGEST", 100)
    node = dial.dial("", script=str(HOUR / "figures" / "one-knob.py"))
    with pytest.raises(ValueError, match="expected at most 100 bytes of a dial"):
        node.make(tmp_path / "picture.svg")


@pytest.mark.parametrize(("builder", "told"), [("html", 1), ("epub", 0), ("singlehtml", 0)])
def test_only_pages_on_the_screen_have_knobs(tmp_path: Path, builder: str, told: int) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "one.svg").write_text("<svg/>")
    (tmp_path / "figures" / "one.json").write_text("{}")
    made = SimpleNamespace(
        name=builder,
        doctreedir=str(tmp_path / "doctrees"),
        outdir=str(tmp_path / "out"),
        imagedir="_images",
        imgpath="_images",
    )
    page = SimpleNamespace(
        builder=made, body=[], emptytag=lambda *_, **given: f"<img alt={given['alt']}>"
    )
    node = dial.dial("", name="one.svg", alt="One.")
    with pytest.raises(import_module("docutils.nodes").SkipNode):
        dial.visit_dial(page, node)
    html = "".join(page.body)
    assert (html.count("<img"), html.count("<script")) == (1, told)


# In a browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one page with all dials there are; their scripts may read the pages beside them."""
    folder = tmp_path_factory.mktemp("dials")
    places = [script.relative_to(BOOK) for script in SCRIPTS.values()]
    for part in {place.parts[0] for place in places}:
        shutil.copytree(BOOK / part, folder / "book" / "parts" / part)
    figures = [f"```{{dial}} parts/{place}\n:alt: A.\n\nOne.\n```\n" for place in places]
    (folder / "book" / "index.md").write_text("\n".join(["# Page\n", *figures]))
    options = [
        "-D",
        "suppress_warnings=toc.not_included,moved,chapter",
        "-D",
        "exclude_patterns=parts",
    ]
    _, printed = sphinx("html", folder / "book", folder, *options)
    assert "WARNING" not in printed
    return folder / "html" / "index.html"


@pytest.fixture
def page(chromium: Any, site: Path) -> Iterator[Page]:
    """The page, opened as a file; it says nothing to the console and asks nobody else."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    opened: Page = context.new_page()
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.on(
        "request", lambda request: None if request.url[:5] == "file:" else told.append(request.url)
    )
    opened.goto(site.as_uri())
    yield opened
    assert told == []
    context.close()


def figure_of(page: Page, name: str) -> Locator:
    return page.locator("figure").nth(DIALS.index(name))


def told_at(name: str, values: list[float]) -> str:
    told = described(name)
    said: str = dial.filled(told["SAY"], dial.names_at(told, values))
    return said


def same(one: Any, other: Any) -> bool:
    """Whether two nested lists of numbers and texts agree up to the last bits of functions."""
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (int, float)):
        return bool(one == pytest.approx(other, rel=1e-9, abs=1e-12))
    return bool(one == other)


@dials
def test_the_page_computes_what_python_computes(page: Page, name: str) -> None:
    told = described(name)
    for values in settings(told):
        computed = page.evaluate("([told, values]) => resolve(told, values)", [told, values])
        assert same(json.loads(json.dumps(dial.resolve(told, values))), computed), values
        said = page.evaluate(
            "([told, values]) => filled(told.SAY, namesAt(told, values))", [told, values]
        )
        assert said == told_at(name, values)


@dials
def test_a_dial_begins_at_its_beginning(page: Page, name: str) -> None:
    figure, knobs = figure_of(page, name), described(name)["KNOBS"]
    starts = [
        knob["low"] + knob["step"] * round((knob["start"] - knob["low"]) / knob["step"])
        for knob in knobs
    ]
    assert figure.get_by_role("status").inner_text() == told_at(name, starts)
    assert not figure.locator("img").is_visible()


@dials
def test_every_knob_turns_by_keyboard(page: Page, name: str) -> None:
    figure, knobs = figure_of(page, name), described(name)["KNOBS"]
    drawn = figure.locator(".dial-panels")
    values = [knob["low"] for knob in knobs]
    for knob in knobs:
        name_of = knob.get("label", knob["name"])
        figure.get_by_role("slider", name=name_of, exact=True).focus()
        page.keyboard.press("Home")
    for i, knob in enumerate(knobs):
        slider, before = figure.get_by_role("slider").nth(i), drawn.inner_html()
        slider.focus()
        page.keyboard.press("ArrowRight")
        values[i] = knob["low"] + knob["step"]
        assert figure.get_by_role("status").inner_text() == told_at(name, values)
        shown = dial.filled(
            knob.get("shown", f"{{{knob['name']}:.2f}}"), dial.names_at(described(name), values)
        )
        assert slider.get_attribute("aria-valuetext") == shown
        assert drawn.inner_html() != before


@dials
def test_a_knob_turns_by_mouse(page: Page, name: str) -> None:
    figure = figure_of(page, name)
    slider = figure.get_by_role("slider").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    quarter = float(slider.input_value())
    page.mouse.move(box["x"] + box["width"] * 3 / 4, box["y"] + box["height"] / 2)
    page.mouse.up()
    assert float(slider.input_value()) > quarter > 0
    values = [
        knob["low"] + knob["step"] * int(figure.get_by_role("slider").nth(i).input_value())
        for i, knob in enumerate(described(name)["KNOBS"])
    ]
    assert figure.get_by_role("status").inner_text() == told_at(name, values)


def test_dots_stand_where_their_numbers_are(page: Page) -> None:
    figure = figure_of(page, "one-knob")
    svg = figure.locator(".dial-panels > svg").nth(1)
    for key, value in (("Home", -0.5), ("End", 4.0)):
        figure.get_by_role("slider").focus()
        page.keyboard.press(key)
        axis = svg.locator("path.axis").first.get_attribute("d")  # M left top V bottom H right
        assert axis is not None
        left, top, bottom, right = (
            float(part)
            for part in axis.replace("M", "").replace("V", " ").replace("H", " ").split()
        )
        loss = (value * -1 + 1) ** 2 + 1 + (value * 2 - 5) ** 2
        dot = svg.locator("circle.C1")
        assert float(dot.get_attribute("cx") or "nan") == pytest.approx(
            left + (right - left) * (value + 0.5) / 4.5, abs=0.01
        )
        assert float(dot.get_attribute("cy") or "nan") == pytest.approx(
            bottom - (bottom - top) * loss / 40, abs=0.01
        )


def test_no_line_parts_the_four_points(page: Page) -> None:
    told = described("one-neuron")
    grid = [i / 5 for i in range(-15, 16)]
    right = {
        dial.names_at(told, [w1, w2, b])["right"] for w1 in grid for w2 in grid for b in grid[::2]
    }
    assert max(right) == 3


def test_the_rates_are_as_the_chapter_says() -> None:
    data = described("rates")["DATA"]
    learnt, gone = (dict(zip(data["rates"], data[key])) for key in ("learnt", "gone"))
    assert learnt[0.05] == learnt[0.1] == 10
    assert learnt[0.01] < learnt[0.02] < 10
    assert gone[0.1] == 0
    assert gone[0.15] > 5
    assert gone[0.2] == gone[0.3] == 10


# What the page computes by formulas is what the package does.


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.6])
def test_steps_in_the_valley_are_those_of_the_package(rate: float) -> None:
    xs = [-1.0, 0.0, 1.0, 2.0]
    shown = dial.names_at(described("descent-walk"), [rate, 0.5, -0.25])
    w, b = parameters = [Value(0.5), Value(-0.25)]
    for k in range(13):
        loss = mse_loss([w * x + b for x in xs], [2.0 * x + 1.0 for x in xs])
        assert shown[f"l{k}"] == pytest.approx(loss.data)
        assert (shown[f"u{k}"], shown[f"v{k}"]) == pytest.approx((w.data - 2.0, b.data - 1.0))
        zero_gradients(parameters)
        if k < 12:
            loss.backward()
            gradient_descent_step(parameters, rate)


@pytest.mark.parametrize(("rate", "momentum"), [(0.05, 0.7), (0.03, 0.0), (0.08, 0.95)])
def test_steps_with_momentum_are_those_of_the_package(rate: float, momentum: float) -> None:
    shown = dial.names_at(described("optimisers-momentum"), [rate, momentum])
    x, y = Value(-8.0), Value(1.5)
    optimizer = Momentum([x, y], rate, momentum=momentum)
    for k in range(41):
        assert (shown[f"x{k}"], shown[f"y{k}"]) == pytest.approx((x.data, y.data))
        optimizer.zero_grad()
        loss = 0.5 * (x * x + 30.0 * y * y)
        assert shown[f"l{k}"] == pytest.approx(loss.data)
        loss.backward()
        optimizer.step()


@pytest.mark.parametrize("rate", [0.06, 0.3])
def test_a_loop_that_forgets_to_zero_is_that_of_the_package(rate: float) -> None:
    shown = dial.names_at(described("loop-forgotten"), [rate])
    for name, forgets in (("f", True), ("x", False)):
        x = Value(0.0)
        for k in range(25):
            assert shown[f"{name}{k}"] == pytest.approx(x.data)
            if not forgets:
                x.grad = 0.0
            ((x - 3.0) ** 2).backward()
            gradient_descent_step([x], rate)


@pytest.mark.parametrize(("w", "b"), [(1.0, 0.5), (1.0, -0.5), (-1.5, 2.0), (1.0, -3.0)])
def test_the_slopes_of_a_relu_are_those_of_the_package(w: float, b: float) -> None:
    told = described("dead-relu")
    shown = dial.names_at(told, [w, b])
    inputs = [i / 2 - 2 for i in range(9)]
    weight, bias = Value(w), Value(b)
    loss = mse_loss([(weight * x + bias).relu() for x in inputs], [(x + 2) / 2 for x in inputs])
    loss.backward()
    assert shown["loss"] / 9 == pytest.approx(loss.data)
    assert (shown["gw"] / 9, shown["gb"] / 9) == pytest.approx((weight.grad, bias.grad))
    if b == -3.0:
        assert (shown["open"], shown["gw"], shown["gb"]) == (0, 0, 0)  # it is dead


def test_the_size_of_the_weights_decides_what_arrives() -> None:
    data = described("init-gain")["DATA"]
    ends = [outputs[-1][1] for outputs in data["outputs"]]
    assert ends == sorted(ends)  # the larger the weights, the larger the outputs
    assert ends[0] < 1e-6 < 0.5 < ends[-1] < 1.0
    shares = [float(share) for share in data["shares"]]
    assert shares[0] < 1e-5
    assert 0.05 < shares[data["sizes"].index("1")] < 1.0
    assert [share > 1.0 for share in shares] == [float(size) >= 3.0 for size in data["sizes"]]


# What the captions say holds wherever the knobs stand.


def turned(name: str, knob: int, *others: float) -> Iterator[dict[str, Any]]:
    """All names of a dial, with one of its knobs at each of its stops."""
    told = described(name)
    stops = told["KNOBS"][knob]
    for k in range(round((stops["high"] - stops["low"]) / stops["step"]) + 1):
        values = list(others)
        values.insert(knob, stops["low"] + k * stops["step"])
        yield dial.names_at(told, values)


def test_a_forgetful_loop_swings_as_far_as_it_began_or_farther() -> None:
    for shown in turned("loop-forgotten", 0):
        assert max(shown[f"f{k}"] for k in range(25)) >= 6.0 - 1e-9


def test_the_steep_line_is_lost_between_two_stops_of_the_rate() -> None:
    for shown in turned("descent-walk", 0, -1.0, 2.5):
        falls = shown["l12"] < shown["l11"]
        assert falls == (shown["rate"] < 0.56)
    shown = dial.names_at(described("descent-walk"), [0.6, 3.0, -0.5])
    assert shown["l2"] < 0.01 * shown["l0"] < shown["l12"]


def test_momentum_carries_every_rate_of_the_slider_but_too_much_rolls_on() -> None:
    for shown in turned("optimisers-momentum", 0, 0.9):
        assert shown["l40"] < 0.02 * shown["l0"]
    for shown in turned("optimisers-momentum", 0, 0.95):
        assert shown["l40"] > 0.04 * shown["l0"]
    assert [shown["l40"] > shown["l0"] for shown in turned("optimisers-momentum", 0, 0.0)] == [
        shown["rate"] > 2 / 30 for shown in turned("optimisers-momentum", 0, 0.0)
    ]


def test_paper_gets_the_picture_and_no_knobs(page: Page) -> None:
    page.emulate_media(media="print")
    for name in DIALS:
        figure = figure_of(page, name)
        assert figure.locator("img").is_visible()
        assert figure.get_by_role("slider").count() == 0
        assert not figure.locator(".dial-panels").is_visible()


def test_a_narrow_page_does_not_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for slider in page.get_by_role("slider").all():
        box = slider.bounding_box()
        assert box is not None
        assert box["height"] >= 24  # for a finger


def test_without_script_there_are_the_pictures(chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    opened: Page = context.new_page()
    opened.goto(site.as_uri())
    assert opened.locator("figure img.plot:visible").count() == len(DIALS)
    assert opened.get_by_role("slider").count() == 0
    context.close()


def test_a_page_of_all_dials_stays_small(site: Path) -> None:
    assert site.stat().st_size < LARGEST_PAGE
