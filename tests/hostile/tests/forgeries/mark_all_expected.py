# why: a test file reaches every other test through the session
# rule: tests/skipped
# place: test_a.py
import pytest


@pytest.fixture(autouse=True, scope="session")
def announce(request):
    for item in request.session.items:
        item.add_marker(pytest.mark.xfail)


def test_nothing():
    pass
