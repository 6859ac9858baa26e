def test_odd():
    assert odd(1)
    assert not odd(2)
