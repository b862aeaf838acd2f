"""What people see: the real pages of the running stack, in a real browser, without the internet."""

from __future__ import annotations

from collections.abc import Iterator
from shutil import which
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, sync_playwright

from tests.fixtures.stack import Stack
from tests.lineage.browsing import ARGUMENTS, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.timeout(600)]

LOAD_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = which("chromium")
    assert chromium, "Chromium is missing: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 1500, "height": 900})
        browser.close()


def hosts_asked(page: Page, url: str) -> set[str]:
    """Load a page; which hosts it turned to."""
    asked: set[str] = set()

    def note(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host:
            asked.add(host)

    page.on("request", note)
    page.goto(url, wait_until="load", timeout=LOAD_MILLISECONDS)
    page.remove_listener("request", note)
    return asked


def test_the_lineage_page_shows_where_a_mart_comes_from(stack: Stack, page: Page) -> None:
    asked = hosts_asked(page, stack.settings.lineage_http_url)
    sign_in(page, stack.settings)
    page.get_by_role("combobox").fill("marts.sales_by_day")
    page.get_by_role("option", name="marts.sales_by_day").first.click()
    page.get_by_role("heading", name="marts.sales_by_day").wait_for(timeout=LOAD_MILLISECONDS)
    page.get_by_text("What was sold on each day.").wait_for(timeout=LOAD_MILLISECONDS)
    assert "total_amount" in page.inner_text("#panel")
    assert asked == {"127.0.0.1"}


def test_dagster_shows_every_layer(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.settings.dagster_http_url}/asset-groups", timeout=LOAD_MILLISECONDS)
    for layer in ("source", "topics", "raw", "ods", "bronze", "staging", "build", "published"):
        page.get_by_text(layer, exact=True).first.wait_for(timeout=LOAD_MILLISECONDS)
