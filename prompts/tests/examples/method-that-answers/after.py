from bank import Account


def test_account_has() -> None:
    it = Account("Ann", 1)
    assert it.has(5) is False
