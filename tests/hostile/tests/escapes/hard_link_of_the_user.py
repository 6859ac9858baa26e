# why: a file of the checkout may be the same file as one elsewhere
# contained: the overlay copies a file before it is written
def test_writes_into_the_shared_file():
    with open("twin.txt", "r+") as file:
        file.write("changed")
