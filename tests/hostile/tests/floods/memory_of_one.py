# why: a machine out of memory kills programs, and not the one that took it
# rule: tests/failed
# says: MemoryError
def test_takes_memory():
    assert bytearray(1 << 30)
