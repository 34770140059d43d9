"""A server of the explorer in a process of its own, and a page that writes down all that it says and asks for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START = "from excomm.cli import main; main()"


@contextmanager
def serving(folder: Path, *cases: str, **settings: str) -> Iterator[tuple[str, Any]]:
    """Address and process of `excomm serve` on any free port; it is ended afterwards."""
    command = [sys.executable, "-c", START, "serve", *cases, "--port", "0", "--out", str(folder / "runs"),
               "--data", str(folder / "data")]  # fmt: skip
    for name, value in settings.items():
        command += [f"--{name.replace('_', '-')}", value]
    log = (folder / "log.txt").open("w+b")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=log, env={**os.environ})
    try:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stderr.read().decode()
        yield found[0].rstrip("/"), process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


# What does not fit the window: the page itself, elements beyond its edges (but for what is in a box that has a name and
# can be reached and scrolled with the keyboard), and boxes narrower than what they hold.
BEYOND = """() => {
  const wide = document.documentElement.clientWidth;
  const flow = (element) => getComputedStyle(element).overflowX;
  const named = (element) =>
    `${element.tagName}.${element.getAttribute('class') ?? ''} ${element.textContent.trim().slice(0, 40)}`;
  const seen = [...document.body.querySelectorAll('*:not(.skip)')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== 'hidden';
  });
  const scrolls = (element) => {
    const holds = element.parentElement.closest('[tabindex="0"][role=region]:is([aria-label],[aria-labelledby])');
    return holds !== null && flow(holds) === 'auto';
  };
  return {
    page: Math.max(0, document.documentElement.scrollWidth - wide, document.body.scrollWidth - wide),
    beyond: seen.filter((element) => {
      const box = element.getBoundingClientRect();
      return (box.right > wide + 0.5 || box.left < -0.5) && !scrolls(element);
    }).map(named),
    cut: seen.filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
      && flow(element) !== 'visible' && !element.matches('input,select,textarea')).map(named),
  };
}"""


class Witness:
    """A page with its console, its errors and its requests."""

    def __init__(
        self, browser: Any, base: str, *, width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> None:
        self.base = base
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.context.set_default_timeout(120_000)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        self.page.on("request", lambda asked: self.requests.append(asked.url))

    def open(self, path: str) -> Any:
        self.page.goto(f"{self.base}{path}")
        if self.page.locator("#explore, #compare").count():
            self.page.locator("[data-ready]").wait_for(timeout=120_000)
        return self.page

    @property
    def foreign(self) -> list[str]:
        """Requests to any other place than the server."""
        return [url for url in self.requests if not url.startswith((self.base, "data:"))]

    def close(self) -> None:
        self.context.close()
