# why: a full disk stops whatever else writes on the machine
# rule: tests/failed
# says: No space left on device
def test_writes_much():
    for number in range(200):
        with open(f"/var/tmp/{number}", "wb") as file:
            file.write(bytes(1 << 20))
