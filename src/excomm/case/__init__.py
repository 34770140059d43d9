"""What the user states: cases, their parameters and priors, options as patches."""

from excomm.case.load import defaults, library, load
from excomm.case.model import Case, Option, Parameter
from excomm.case.template import new

__all__ = ["Case", "Option", "Parameter", "defaults", "library", "load", "new"]
