"""The explorer's page in a real browser, on the lineage of the real project, without the internet."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import parse_qs, urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Page, Request, Route, sync_playwright

from lineage.evidence.verifying import verify
from lineage.explorer import STATIC
from tests.lineage.browsing import ARGUMENTS, sign_in
from tests.lineage.exploring import explored
from tests.lineage.test_server import ServiceProcess

__all__ = ["explored"]
pytestmark = [pytest.mark.warehouse, pytest.mark.browser, pytest.mark.timeout(600)]

READY = "html[data-ready]"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
BUILT = "dataset:clickhouse://warehouse:build.sales_by_day"


@pytest.fixture(scope="module")
def tab(explored: ServiceProcess) -> Iterator[Page]:
    chromium = which("chromium")
    assert chromium, "Chromium is missing: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(
            viewport={"width": 1500, "height": 900}, base_url=explored.settings.lineage_http_url
        )
        page.set_default_timeout(30_000)
        page.goto("/explorer")
        sign_in(page, explored.settings)
        yield page
        browser.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The tab; a script's error or a request to another host fails the test."""
    problems: list[str] = []
    own = urlsplit(str(tab.evaluate("location.href"))).hostname or "127.0.0.1"

    def look(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host and host not in {"127.0.0.1", own}:
            problems.append(request.url)

    def failed(error: object) -> None:
        problems.append(str(error))

    tab.on("request", look)
    tab.on("pageerror", failed)
    yield tab
    tab.remove_listener("request", look)
    tab.remove_listener("pageerror", failed)
    assert problems == []


def show(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(READY, state="attached")
    page.wait_for_timeout(150)


def wait(page: Page, condition: str, seconds: float = 30) -> None:
    """Until something holds in the page. Its security policy forbids what Playwright's own waiting does."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)


def names(page: Page) -> set[str]:
    return set(page.locator(".node .name").all_inner_texts())


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_it_begins_with_the_layers_and_opens_them(page: Page) -> None:
    show(page, "/explorer")
    layers = {
        "postgres",
        "files",
        "kafka",
        "raw",
        "ods",
        "ops",
        "bronze",
        "staging",
        "build",
        "marts",
        "system",
    }
    wait(page, f"document.querySelectorAll('.node').length === {len(layers)}")
    assert layers == names(page)
    page.locator(".node", has_text="marts").click()
    # The layer that was opened is seen from near enough to be read, however tall it is.
    page.locator(".node", has_text="marts.carts").first.wait_for()
    assert page.evaluate("bilten.stage.view.k") >= 0.72
    page.wait_for_url(lambda address: "marts" not in parse_qs(urlsplit(address).query)["collapse"])
    page.keyboard.press("l")
    page.get_by_text("marts.sales_by_day", exact=True).first.wait_for()


def test_the_box_finds_and_the_graph_and_the_panel_show(page: Page) -> None:
    show(page, "/explorer")
    page.keyboard.press("/")
    page.keyboard.type("sales_by_day")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="marts.sales_by_day").wait_for()
    page.get_by_text("What was sold on each day.").wait_for()
    page.locator(".node.chosen", has_text="marts.sales_by_day").wait_for()
    assert {"build.sales_by_day", "build.int_orders_priced"} <= names(page)
    assert query(page)["node"][0].endswith(":marts.sales_by_day")


def test_a_column_has_its_path_bright_and_the_rest_dimmed_and_its_lines_marked(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=2&cols=1")
    page.locator(".node", has_text="build.sales_by_day").get_by_text("total_amount", exact=True).or_(
        page.locator("#panel").get_by_role("link", name="total_amount_eur", exact=True)
    ).last.click()
    page.locator("#panel .sql .made").first.wait_for()
    made = page.locator("#panel .sql .made").all_inner_texts()
    assert any("total_amount" in line for line in made)
    assert page.locator("#panel .sql .decides").count() >= 1
    wait(page, "bilten.stage.boxes.some((box) => box.dim)")
    bright = page.evaluate("bilten.stage.boxes.filter((box) => !box.dim).map((box) => box.label)")
    assert {"build.sales_by_day", "build.int_orders_priced", "ods.tickets__orders"} <= set(bright)
    page.keyboard.press("Escape")
    wait(page, "!bilten.stage.boxes.some((box) => box.dim)")


def test_one_level_more_at_a_time_and_all_at_once(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=0&down=0")
    assert names(page) == {"build.sales_by_day"}
    page.get_by_role("button", name="Show 1 more upstream of build.sales_by_day").click()
    page.get_by_text("build.int_orders_priced").first.wait_for()
    assert query(page)["open"] == [f"up:{BUILT}"]
    page.get_by_label("Levels upstream").select_option("99")
    wait(page, "bilten.boxes > 20")
    page.get_by_role("button", name="build", exact=False).first.wait_for()
    page.locator("#layers button", has_text="staging").click()
    wait(page, "bilten.stage.boxes.some((box) => box.group === 'staging')")
    assert query(page)["collapse"] == ["staging"]


def test_a_link_brings_somebody_else_to_the_same_place(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=3&column=currency&rows=1")
    page.keyboard.press("+")
    wait(page, "new URLSearchParams(location.search).get('k') === bilten.stage.view.k.toFixed(3)")
    boxes = "bilten.stage.boxes.map((box) => [box.label, box.dim])"
    state = f"JSON.stringify([{boxes}, bilten.stage.view.k.toFixed(2)])"
    before, address = page.evaluate(state), page.url
    show(page, "/explorer")
    show(page, address)
    wait(page, "bilten.stage.boxes.some((box) => box.dim)")
    assert page.evaluate(state) == before
    show(page, f"/explorer?node={BUILT}&up=1")
    page.get_by_role("button", name="Columns", exact=True).click()
    wait(page, "location.search.includes('cols=1')")
    page.go_back()
    wait(page, "!location.search.includes('cols=1')")


def test_it_can_be_walked_by_keyboard_and_tells_where_it_is(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=2")
    page.locator("#stage").focus()
    page.keyboard.press("ArrowLeft")
    wait(page, "document.getElementById('say').textContent.startsWith('build.int_orders_priced')")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="build.int_orders_priced").wait_for()
    page.keyboard.press("l")
    page.get_by_role("heading", name="Datasets", exact=True).wait_for()
    assert page.get_by_role("table").count() >= 1
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")


def test_every_control_has_a_name(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=2&column=currency")
    nameless = page.evaluate(
        """[...document.querySelectorAll('button, input, select, a[href]')].filter((each) =>
            each.offsetParent && ![each.ariaLabel, each.textContent.trim(), each.title, each.labels?.length]
                .some(Boolean)
        ).map((each) => each.outerHTML)"""
    )
    assert nameless == []
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_past_is_one_move_of_the_slider_away(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}&up=1")
    page.get_by_text("20260329T010000_bbbb0002", exact=True).wait_for()
    page.get_by_role("slider").evaluate(
        "(slider) => { slider.value = 2; slider.dispatchEvent(new Event('change')); }"
    )
    page.get_by_text("20260328T010000_aaaa0001", exact=True).wait_for()
    assert page.locator("footer output.past").inner_text().startswith("as of 2026-03-28")
    page.get_by_role("link", name="What changed since?").click()
    page.get_by_role("heading", name="What changed", exact=True).wait_for()
    page.get_by_text("build.sales_by_day.currency").first.wait_for()


def test_personal_data_impact_and_coverage(page: Page) -> None:
    show(page, "/explorer?view=pii")
    page.get_by_role("heading", name="Where personal data goes").wait_for()
    assert page.get_by_text("Every column of a mart with readable personal data is declared").count() == 1
    show(page, "/explorer?view=impact&node=ods.tickets__orders&column=total")
    page.get_by_role("heading", name="What breaks if ods.tickets__orders.total is dropped?").wait_for()
    assert "staging.stg_tickets__orders" in page.inner_text("#page")
    assert "Sales" in page.inner_text("#page")
    show(page, "/explorer?view=coverage")
    page.get_by_text("have column lineage").wait_for()


def test_every_page_is_accessible(page: Page) -> None:
    """What axe, the checker that browsers' own tools use, can find by itself, in light and dark."""
    addresses = [
        "/explorer",
        f"/explorer?node={BUILT}&up=2&column=currency",
        "/explorer?view=pii",
        "/explorer?view=impact&node=ods.tickets__orders&column=total",
        "/explorer?view=diff",
        "/explorer?view=coverage",
        "/explorer?view=trace",
        f"/explorer?view=evidence&node={BUILT}",
        f"/explorer?view=list&node={BUILT}",
    ]
    found: dict[str, list[str]] = {}
    for address in addresses:
        show(page, address)
        page.evaluate(AXE.read_text())
        for theme in ("light", "dark"):
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            page.wait_for_timeout(200)
            broken = page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] })")
            found |= {
                f"{theme} {address}: {each['id']}": [node["html"][:200] for node in each["nodes"][:3]]
                for each in broken["violations"]
            }
    assert found == {}


def test_nothing_is_shown_before_somebody_signs_in(page: Page, explored: ServiceProcess) -> None:
    show(page, f"/explorer?node={BUILT}")
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="Sign in")
    dialog.wait_for()
    assert names(page) == set()
    dialog.get_by_label("User").fill("nobody")
    dialog.get_by_label("Password").fill("a wrong password")
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("nobody is not signed in.").wait_for()
    sign_in(page, explored.settings)
    page.locator(".node").first.wait_for()


def test_a_bundle_taken_from_the_page_verifies(page: Page, explored: ServiceProcess, tmp_path: Path) -> None:
    show(page, f"/explorer?view=evidence&node={BUILT}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Evidence bundle", exact=True).click()
    target = tmp_path / "bundle.zip"
    taken.value.save_as(target)
    key = explored.client.get("/api/v1/evidence/key").json()["pem"].encode()
    assert verify(target.read_bytes(), key).events > 5


def test_light_and_dark(page: Page) -> None:
    show(page, f"/explorer?node={BUILT}")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(colour) != before
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(colour) == before


def test_an_error_says_what_to_do(page: Page) -> None:
    show(page, "/explorer")
    page.goto("/explorer?node=nowhere.at_all")
    page.get_by_text("No event has named the dataset nowhere.at_all.").first.wait_for()


def synthetic(size: int, layers: int = 8) -> dict[str, Any]:
    """A graph as large platforms have it: layers, each dataset made of one to three before it."""
    per = size // layers
    nodes, edges = [], []
    kinds = ["postgres", "kafka", "raw", "ods", "bronze", "staging", "build", "marts"]
    for number in range(size):
        layer = number // per
        nodes.append(
            {
                "id": f"dataset:x://h:d{number}",
                "namespace": "x://h",
                "name": f"d{number}",
                "label": f"{kinds[min(layer, 7)]}.dataset_{number}",
                "layer": kinds[min(layer, 7)],
                "distance": 0,
                "owner": "Sales",
                "rows": number,
                "written": None,
                "checks": {"passed": 1, "failed": 0, "warned": 0},
                "personal": 0,
                "hiddenUp": 0,
                "hiddenDown": 0,
                "columnCount": 10,
            }
        )
        for step in range(1 + number % 3 if layer else 0):
            origin = (layer - 1) * per + (number + step * 3) % per
            edges.append(
                {"source": f"dataset:x://h:d{origin}", "target": nodes[-1]["id"], "jobs": [f"job{number}"]}
            )
    return {"start": [], "at": None, "nodes": nodes, "edges": edges}


@pytest.mark.long
@pytest.mark.parametrize(("size", "seconds"), [(200, 3.0), (2_000, 12.0)])
def test_large_graphs_are_shown_whole_and_moved_without_stutter(
    page: Page, size: int, seconds: float
) -> None:
    """Bars are loose, since tests run beside others; benchmarks measure on a quiet machine."""
    body = json.dumps(synthetic(size))

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route("**/api/v1/graph?*", answer)
    try:
        begun = time.monotonic()
        show(page, "/explorer?collapse=-")
        wait(page, f"window.bilten && bilten.boxes === {size}")
        assert time.monotonic() - begun < seconds
        assert page.locator(".node").count() < 400
        worst = page.evaluate(
            """async () => {
                const times = [];
                for (let step = 0; step < 30; step++) {
                    bilten.stage.view.x += 15;
                    const begun = performance.now();
                    bilten.stage.paint();
                    times.push(performance.now() - begun);
                    await new Promise(requestAnimationFrame);
                }
                return times.sort((left, right) => left - right)[27];
            }"""
        )
        assert worst < 100
    finally:
        page.unroute("**/api/v1/graph?*", answer)


def test_the_vendored_library_is_the_published_one() -> None:
    import hashlib  # noqa: PLC0415

    folder = STATIC / "vendor" / "dagre-3.1.3"
    digest = hashlib.sha256((folder / "dagre.js").read_bytes()).hexdigest()
    assert digest == "32a99b72aa17d75a4a74ccd692f65b99e39feb318a5f9185ae0282d2cee4ac6a"
    assert "Permission is hereby granted" in (folder / "dagre.js.LEGAL.txt").read_text()
