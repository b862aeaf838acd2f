"""The explorer in a real browser, signed in as in the warehouse."""

from __future__ import annotations

from playwright.sync_api import Page

from bilten.settings import Settings

# Chromium's own background traffic is of no use here and is refused on a machine without internet.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def sign_in(page: Page, settings: Settings) -> None:
    """Sign in as the platform's own user in the dialog that the page shows."""
    user, password = settings.warehouse_credentials
    dialog = page.get_by_role("dialog", name="Sign in")
    dialog.get_by_label("User").fill(user)
    dialog.get_by_label("Password").fill(password)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.wait_for(state="hidden")
