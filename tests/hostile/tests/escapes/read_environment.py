# why: tokens of the shell that started codegate stand in its environment
# rule: tests/failed
# says: KeyError
import os


def test_finds_a_token():
    assert os.environ["CODEGATE_TEST_TOKEN"]
