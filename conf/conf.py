"""Configuration of the book."""

import logging
import sys
import warnings
from pathlib import Path

from sphinx.deprecation import RemovedInSphinx10Warning

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

# The colours of code (accessible-pygments) set the log of the whole process to INFO when they are
# imported, and from then on every library speaks. Only the first to set it counts.
logging.basicConfig(level=logging.WARNING)
# Told to a dependency's authors, not to ours.
warnings.filterwarnings(
    "ignore", category=RemovedInSphinx10Warning, module="sphinx_autodoc_typehints"
)

project = "micrograd: the book that runs"
author = "The micrograd book authors"
project_copyright = "2026, the micrograd book authors"
version = release = "0.1.0"
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_autodoc_typehints",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    # Our own, in conf/press.
    "press.accessibility",
    "press.blocks",
    "press.book_search",
    "press.bridge",
    "press.cells",
    "press.chapter_check",
    "press.dial",
    "press.doctesting",
    "press.faults",
    "press.figures",
    "press.fonts",
    "press.formats",
    "press.listings",
    "press.live",
    "press.mathml",
    "press.milestones",
    "press.mistakes_table",
    "press.network",
    "press.notebooks",
    "press.outlinks",
    "press.pages",
    "press.playground",
    "press.previews",
    "press.progress",
    "press.redirects",
    "press.scrub",
    "press.valuegraph",
    "press.wayfinding",
]
exclude_patterns = ["**/figures", "fonts/*.ttf"]  # of the book, and of what goes beside its pages
moved = {  # where pages of the first edition are now
    "foundations/why-gradients": "engine/other-ways",
    "foundations/goals": "building/goals",
    "foundations/architecture": "building/architecture",
    "foundations/data-model": "building/data-model",
    "trouble/testing": "building/testing",
    "training/losses": "networks/losses",
    "training/gradient-descent": "networks/gradient-descent",
    "training/training-loop": "networks/training-loop",
    "training/monitoring": "networks/monitoring",
    "networks/initialisation": "examples/initialisation",
    "engine/what-a-scalar-costs": "arrays/what-a-scalar-costs",
    "outlook/what-next": "beyond/big-systems",
    "outlook/optimisers": "arrays/optimisers",
    "outlook/tensors": "arrays/tensors",
}
nitpicky = True
nitpick_ignore_regex = [  # the standard library's pages are elsewhere, and the book is read offline
    (
        "py:class",  # not public
        r"micrograd\.(_numbers\.AsNumber|run_record\.RunRecord|walk\.(N|Node)|"
        r"tensors\.(recurrent\._Recurrent|weights\.M))",
    ),
    (
        "py:.*",
        r"(abc|collections|doctest|enum|matplotlib|numpy|os|pathlib|random|torch|typing)\..*",
    ),
    ("py:class", r"(Array|Axis|Chance|Pair|Pull|State)"),
    (
        "py:.*",
        r"(Axes|Ellipsis|bool|dict|float|int|list|object|str|tuple|None|TypeError|ValueError|ArithmeticError)",
    ),
]
numfig = True
numfig_format = {"figure": "Figure %s", "table": "Table %s"}
highlight_language = "none"  # a fence says what it is, or is nothing

myst_enable_extensions = [
    "amsmath",
    "colon_fence",
    "deflist",
    "dollarmath",
    "fieldlist",
    "substitution",
]
myst_heading_anchors = 3
myst_links_external_new_tab = False

doctest_test_doctest_blocks = ""  # only what is marked as a doctest is one, and is run
doctest_show_successes = False
doctest_default_flags = 0

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
autodoc_mock_imports = ["torch"]  # the page on the bridge is made without it
typehints_use_signature = True
typehints_document_rtype_none = False  # what returns nothing says so in its signature
always_use_bars_union = True

html_theme = "furo"
html_title = "micrograd: the book that runs"
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = [("wayfinding.js", {"defer": "defer"})]
html_favicon = "static/favicon.svg"
templates_path = ["templates"]
apart = ["Build it yourself", "Reference"]  # parts without a number
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_selector = "div:not(.printed) > div.highlight > pre"

epub_title = html_title
epub_basename = "micrograd-book"
epub_author = author
epub_publisher = author
epub_contributor = author
epub_cover = ("_static/cover.svg", "epub-cover.html")
epub_identifier = "micrograd-book"
epub_scheme = "name"
epub_uid = "micrograd-book"
epub_description = "How neural networks are trained, built and run from the first derivative."
epub_show_urls = "no"
epub_css_files = ["book-epub.css"]
epub_exclude_files = [
    "_static/book.css",
    "_static/book.mplstyle",
    "_static/live/*",
    "_static/print.css",
]
epub_use_index = False
suppress_warnings = ["epub.unknown_project_files"]  # scripts, which a reading device does not run
