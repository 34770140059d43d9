"""The pages, one module each; every one has a JSON twin."""

from excomm.web.pages import audit, compare, evidence, explore, home, runs, work

__all__ = ["ROUTERS"]

ROUTERS = (
    home.router,
    explore.router,
    runs.router,
    work.router,
    evidence.router,
    compare.router,
    audit.router,
)
