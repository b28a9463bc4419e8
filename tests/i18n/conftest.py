"""The language in which a file's pages are looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


# What has no English at all `test_messages` finds without a page.
@pytest.fixture(scope="module", params=["en-xa", pytest.param("en", marks=pytest.mark.long)])
def language(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    # Django is not set up yet when pytest reads this file.
    from tests.i18n.languages import speaking

    with speaking(request.param, tmp_path_factory.mktemp("said")):
        yield request.param
