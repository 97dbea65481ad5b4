"""Formulas as MathML, made of TeX at build time: no script, and bad TeX is an error."""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from press.common import replaced

logger = logging.getLogger(__name__)
converter = LatexToMathML(annotation=False, xml_namespace=True)


def mathml(tex: str, display: bool, epub: bool = False) -> str:
    """The MathML of a formula, with its TeX as alternative text."""
    out = converter.convert_with_local_state(tex, displaystyle=display)
    out = out.replace("&ApplyFunction;", "\u2061")  # an entity that XML does not know
    if epub:  # its schema allows these on fewer elements than browsers do
        out = re.sub(r' (displaystyle|scriptlevel)="[^"]*"', "", out)
    alttext = f'<math alttext="{html.escape(tex, quote=True)}"'
    return replaced(out, "<math", alttext, "math-core")


def check_formulas(app: Sphinx, doctree: nodes.document) -> None:
    """Report bad TeX where it stands; such a formula is left as it is, as code."""
    for formula in list(doctree.findall(nodes.math)) + list(doctree.findall(nodes.math_block)):
        try:
            mathml(formula.astext(), display=isinstance(formula, nodes.math_block))
        except LatexError as error:
            place: nodes.Node = formula
            while place.line is None and place.parent is not None:
                place = place.parent
            tex = formula.astext()
            logger.warning(
                "cannot render the formula %r: %s", tex, error, location=place, type="math"
            )
            formula.replace_self(nodes.literal(tex, tex))


def visit_inline(self: Any, node: nodes.math) -> None:
    self.body.append(mathml(node.astext(), False, self.builder.name == "epub"))
    raise nodes.SkipNode


def visit_block(self: Any, node: nodes.math_block) -> None:
    # MyST puts the id of a labelled formula on an element around it.
    outside = set(node["ids"]) <= set(getattr(node.parent, "attributes", {}).get("ids", ()))
    named = nodes.Element() if outside else node
    scrolls = {"tabindex": "0"} if self.builder.name == "html" else {}  # by the keyboard too
    tag = self.starttag(named, "div", CLASS="math", **scrolls)
    self.body.append(tag)
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(mathml(node.astext(), True, self.builder.name == "epub") + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("doctree-read", check_formulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
