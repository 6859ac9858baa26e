# why: who keeps all that a program prints is filled up by it
# rule: tests/output
def test_prints_much(capfd):
    with capfd.disabled():
        for _ in range(200):
            print("2 passed in 0.01s\n" * 10_000)
