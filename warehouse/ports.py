"""A port of 127.0.0.1 for each project, chosen once and kept."""

from __future__ import annotations

import socket
import zlib

import psutil

from warehouse.errors import QuanyuError

# Below the range the system hands out for outgoing connections.
_FIRST, _COUNT = 20000, 10000


def choose(key: str) -> int:
    """Return a free port; the search begins at a place that depends on the key."""
    start = zlib.crc32(key.encode())
    for step in range(_COUNT):
        port = _FIRST + (start + step) % _COUNT
        if is_free(port):
            return port
    raise QuanyuError(f"No port of 127.0.0.1 from {_FIRST} on is free.")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def require_free(port: int) -> None:
    """Raise a sentence that names the program on the port, if there is one."""
    if not is_free(port):
        raise taken(port)


def taken(port: int) -> QuanyuError:
    """The sentence for a port in use."""
    return QuanyuError(
        f"Port {port} of 127.0.0.1 is taken by {_listener(port)}: stop it, or move the "
        "warehouse with `quanyu up --port N`."
    )


def _listener(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == psutil.CONN_LISTEN
                and connection.pid
            ):
                name = psutil.Process(connection.pid).name()
                return f"{name} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"
