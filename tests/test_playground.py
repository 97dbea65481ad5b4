"""The playground: it runs the code that it shows, and the page draws what the engine says."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")
pytest.importorskip("matplotlib", reason="the book's tools are not installed")

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(ROOT / "conf"))
playground: Any = import_module("press.playground")
play = playground.play

SITE = ROOT / "build" / "html"
BUILT = (SITE / "index.html").exists()
ONE_OF_EACH = [{name: choice} for name, choices in play.CHOICES.items() for choice in choices]
OWN = [([0.0, 0.0], -1.0), ([1.0, 0.5], 1.0)]


# What it runs


@pytest.mark.parametrize("settings", ONE_OF_EACH, ids=str)
def test_the_code_that_is_shown_ends_as_the_run_does(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play, "SHOWN", 3)
    said = StringIO()
    with redirect_stdout(said):
        exec(play.code(settings, OWN), {})
    run = play.Play(settings, OWN)
    losses = [next(run.run).loss for _ in range(3)]
    assert said.getvalue() == f"{losses[-1]}\n"


@pytest.mark.parametrize("settings", ONE_OF_EACH, ids=str)
def test_a_state_is_json_and_has_a_weight_for_each_of_the_network(settings: dict[str, Any]) -> None:
    run = play.Play(settings, OWN)
    run.step()
    state = json.loads(json.dumps(run.state()))
    count = sum(len(neuron) for layer in state["weights"] for neuron in layer)
    assert count == len(run.net.parameters())
    assert len(state["norms"]) == len(run.net.layers)
    assert (state["step"], 0 <= state["right"] <= len(run.data)) == (1, True)


def test_the_shown_code_is_ten_lines_or_so() -> None:
    lengths = [len(play.code(settings, OWN).splitlines()) for settings in ONE_OF_EACH]
    assert (min(lengths), max(lengths) <= 15) == (12, True)


def test_points_kept_back_are_others_of_the_same_kind() -> None:
    run = play.Play({"data": "circles"})
    assert len(run.held_out) == len(run.data)
    assert not {tuple(x) for x, _ in run.held_out} & {tuple(x) for x, _ in run.data}
    assert play.Play({"data": "own"}, OWN).held_out == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rate": 0.7}, r"expected rate to be one of 0\.003.*got 0\.7"),
        ({"speed": 1}, "expected a setting among data.*got 'speed'"),
        ({"data": "own"}, "expected points of both kinds"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        play.Play(settings)


def test_settings_may_come_from_an_address_as_texts() -> None:
    assert play.checked({"rate": "5", "seed": "3"}) == play.DEFAULTS | {"rate": 5, "seed": 3}


def test_what_is_recorded_is_the_engines_own() -> None:
    told = playground.record({"data": "xor"}, [0, 4])
    run = play.Play({"data": "xor"})
    for _ in range(4):
        run.step()
    assert told["states"][1] == playground.rounded(run.state())
    assert told["settings"] == play.DEFAULTS | {"data": "xor"}


def test_a_loss_that_is_no_number_is_told_as_none() -> None:
    run = play.Play({})
    run.net.parameters()[0].data = float("nan")
    assert run.state()["loss"] is None


# Links to it


def test_a_chapter_links_to_settings_and_others_are_refused(tmp_path: Path) -> None:
    book = tmp_path / "book"
    (book / "part").mkdir(parents=True)
    (book / "index.md").write_text("# Page\n")
    (book / "part" / "one.md").write_text(
        "# One\n\n{play}`rate=5 activation=relu | watch it die`\n"
    )
    (book / "part" / "two.md").write_text("# Two\n\n{play}`rate=7`\n")
    _, printed = sphinx("html", book, tmp_path)
    assert "expected rate to be one of" in printed
    page = (tmp_path / "html" / "part" / "one.html").read_text()
    assert 'href="../index.html#playground?rate=5&amp;activation=relu">watch it die</a>' in page


# In the page


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """The front page, opened from the disk by someone who asks for less motion."""
    if not BUILT:
        pytest.skip("the book is not built: run `make book` first")
    page = chromium.new_page(reduced_motion="reduce")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((SITE / "index.html").as_uri())
    yield page
    page.close()
    assert complaints == []


def where(page: Page) -> int:
    told = page.locator(".playground-controls .controls-position").text_content() or ""
    found = re.match(r"step (\d+): loss", told)
    assert found, told
    return int(found[1])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("activation", play.CHOICES["activation"])
def test_the_page_computes_what_the_network_says(page: Page, activation: str) -> None:
    run = play.Play({"activation": activation, "layers": "16,16"})
    for _ in range(5):
        run.step()
    points = [x for x, _ in run.held_out]
    told = page.evaluate(
        "([w, a, xs]) => xs.map((x) => answer(w, a, x))",
        [run.state()["weights"], activation, points],
    )
    assert told == pytest.approx([run.net(x).data for x in points], rel=1e-12, abs=1e-12)


def test_it_plays_at_once_unless_less_motion_is_asked_for(chromium: Browser, page: Page) -> None:
    page.wait_for_timeout(400)
    assert where(page) == 0
    moving = chromium.new_page()
    moving.goto((SITE / "index.html").as_uri())
    moving.wait_for_function(
        "parseInt(document.querySelector('.playground-controls .controls-position')"
        ".textContent.slice(5)) > 3"
    )
    press(moving, "Pause")
    stopped = where(moving)
    moving.wait_for_timeout(300)
    assert where(moving) == stopped
    moving.close()


def test_step_and_reset_by_mouse_and_keyboard(page: Page) -> None:
    press(page, "Step")
    press(page, "Step")
    assert where(page) == 2
    page.get_by_role("button", name="Step", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert where(page) == 4
    press(page, "Reset")
    assert where(page) == 0
    assert (
        page.locator(".playground-spoken").text_content()
        == "step 0: loss 0.836, 52 of 60 points right"
    )


def test_a_run_is_played_to_its_end_and_again(page: Page) -> None:
    page.evaluate("document.querySelector('.playground-controls button').click()")
    page.wait_for_function(
        "document.querySelector('.playground-controls .controls-position')"
        ".textContent.startsWith('step 200:')",
        timeout=20_000,
    )
    page.get_by_role("button", name="Play", exact=True).wait_for()
    press(page, "Play")
    page.wait_for_timeout(200)
    assert where(page) < 100


def test_another_set_of_data_brings_its_recorded_settings_and_stands_in_the_address(
    page: Page,
) -> None:
    page.get_by_label("Data").select_option("line")
    assert page.get_by_label("Hidden layers").input_value() == "none"
    assert page.url.endswith("#playground?data=line&layers=none")
    assert page.locator(".playground-panels .weight").count() == 2
    assert page.get_by_label("Rate").is_disabled()


def test_an_address_shows_a_recorded_failure(page: Page) -> None:
    page.goto((SITE / "index.html").as_uri() + "#playground?activation=relu&rate=5")
    page.reload()
    press(page, "Step")
    press(page, "Step")
    assert page.get_by_label("Rate").input_value() == "5"
    shown = page.locator(".playground-code pre").text_content() or ""
    assert 'activation="relu"' in shown
    assert "SGD(net.parameters(), 5)" in shown


def test_an_address_that_is_not_recorded_says_what_it_needs(page: Page) -> None:
    page.goto((SITE / "index.html").as_uri() + "#playground?seed=4")
    page.reload()
    said = page.locator(".playground-words").text_content() or ""
    assert said.startswith("These settings are not among the recorded runs.")


def test_by_touch_on_a_small_screen(chromium: Browser) -> None:
    if not BUILT:
        pytest.skip("the book is not built: run `make book` first")
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto((SITE / "index.html").as_uri())
    page.get_by_role("button", name="Step", exact=True).tap()
    assert where(page) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
