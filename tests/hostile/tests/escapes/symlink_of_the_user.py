# why: the user's own symlink in the checkout points at files that are not in it
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
def test_writes_through_a_symlink_it_found():
    with open("out/canary.txt", "r+") as file:
        file.write("changed")
