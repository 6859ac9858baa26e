def test_clamp():
    assert clamp(0, lower=0, upper=1) == 0
    assert clamp(-1, lower=0, upper=1) == 0
