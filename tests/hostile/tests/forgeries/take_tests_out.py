# why: tests that were taken out of the list do not fail
# rule: tests/missing
# place: test_a.py
import pytest


@pytest.fixture(autouse=True, scope="session")
def take_out(request):
    del request.session.items[request.session.items.index(request.node.items[0]) + 1 :]


def test_nothing():
    pass
