"""Equations as MathML, made by docutils: no script, no font and no network is needed to read them."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def _write(translator: Any, node: nodes.Element, *, block: bool) -> None:
    source = node.astext()
    try:
        markup = latex2mathml.tex2mathml(source, as_block=block)
    except Exception as problem:  # whatever the converter cannot read is shown as it was written
        logger.warning("the equation %r does not convert: %s", source, problem, location=node)
        markup = f'<code class="math-unconverted">{translator.encode(source)}</code>'
    translator.body.append(f'<div class="math">{markup}</div>' if block else markup)
    raise nodes.SkipNode


def _inline(translator: Any, node: nodes.math) -> None:
    _write(translator, node, block=False)


def _block(translator: Any, node: nodes.math_block) -> None:
    _write(translator, node, block=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
