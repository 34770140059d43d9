"""Sphinx: MyST Markdown, furo, equations as MathML, and reference parts generated from the code at build time."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent / "src")]

import excomm  # noqa: E402

project = "ExComm"
author = "The ExComm developers"
project_copyright = author
release = version = excomm.__version__

extensions = ["myst_parser", "mathml", "generated", "submodel_tables"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_extensions"]
nitpicky = True
smartquotes = False  # it would turn --json into –json

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"ExComm {release}"
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
