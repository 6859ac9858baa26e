# why: docker's socket gives root, an ssh agent signs, D-Bus and X11 start programs
# rule: tests/failed
# says: assert
# without a jail: succeeds
import os
import socket

SERVICES = (
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/dbus/system_bus_socket",
    "/run/systemd/private",
    f"/run/user/{os.getuid()}/bus",
    "/tmp/.X11-unix/X0",
    os.path.join(os.environ["OUTSIDE"], "agent.sock"),
)


def test_reaches_a_service():
    reached = []
    for path in SERVICES:
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(path) == 0:
                reached.append(path)
    assert reached
