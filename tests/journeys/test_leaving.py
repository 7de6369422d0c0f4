"""Somebody takes their data along and leaves, in a real browser."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.residents import register
from tests.support.server import Server

pytestmark = pytest.mark.journey


def test_who_leaves_has_their_data_and_sees_that_the_account_is_gone(
    page: Page, house: Server, tmp_path: Path
) -> None:
    register(page, "carol")
    page.goto("/manage/account/data/")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download my data").press("Enter")
    downloading.value.save_as(tmp_path / "carol.json")
    assert json.loads((tmp_path / "carol.json").read_bytes())["account"]["username"] == "carol"

    page.get_by_role("link", name="Delete my account").press("Enter")
    page.get_by_label("Your username").fill("carol")
    page.get_by_role("button", name="Delete my account").press("Enter")
    said = page.get_by_role("status")
    expect(said).to_contain_text("Your account is deleted.")
    message, below = said.bounding_box(), page.locator(".hero").bounding_box()
    assert message
    assert below
    assert message["y"] + message["height"] <= below["y"]
    page.goto("/manage/account/")
    page.wait_for_url("**/account/login/**")
