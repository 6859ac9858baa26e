import os


def load(folder, name):
    path = os.path.join(folder, "a", name)
    if not os.path.exists(os.path.join(folder, name)):
        os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w") as file:
        file.write(str(os.path.getsize(path)))
    for one in sorted(os.listdir(folder)):
        os.remove(os.path.join(folder, one))
    return path
