"""Whether a service answers as one that creates, reads, replaces and deletes."""

from __future__ import annotations

import importlib
import sys


def routes(folder: str, service: str, root: str) -> None:
    """Refuse a service in which create, list, read, replace and delete of `root` do not work."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    sys.path.insert(0, folder)
    here = importlib.import_module(service)
    app = here.app if isinstance(getattr(here, "app", None), FastAPI) else here.make_app()
    client = TestClient(app)
    one = {"id": 7, "name": "a", "price": 1.5}
    assert client.get(root).json() == []
    made = client.post(root, json=one)
    assert made.status_code == 201, f"create: {made.status_code}"
    assert one.items() <= made.json().items()
    assert [i["id"] for i in client.get(root).json()] == [7]
    assert client.get(f"{root}/7").json()["name"] == "a"
    assert client.get(f"{root}/8").status_code == 404, "read of none"
    changed = client.put(f"{root}/7", json=one | {"name": "b"})
    assert changed.status_code == 200, f"replace: {changed.status_code}"
    assert client.get(f"{root}/7").json()["name"] == "b"
    assert client.put(f"{root}/8", json=one | {"id": 8}).status_code == 404, "replace of none"
    assert client.post(root, json={"id": "x"}).status_code == 422
    assert client.delete(f"{root}/8").status_code == 404, "delete of none"
    assert client.delete(f"{root}/7").status_code == 204, "delete"
    assert client.get(root).json() == []
