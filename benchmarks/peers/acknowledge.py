"""A receiver that says yes to everything, as fast as Python can; prints its port.

    python acknowledge.py

Stands for the other end in benchmarks: what it costs is the same for whoever sends.
"""

from __future__ import annotations

import asyncio

YES = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
)


class Acknowledge(asyncio.Protocol):
    """One connection: bodies are counted off by their length, not read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing received."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport
        self.head = b""
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        """Answer each request whose body has come in whole."""
        while data:
            if self.missing:
                taken = min(self.missing, len(data))
                self.missing -= taken
                data = data[taken:]
                if not self.missing:
                    self.transport.write(YES)
                continue
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            head, data, self.head = self.head[:end].lower(), self.head[end + 4 :], b""
            for line in head.split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    self.missing = int(line[15:])


async def main() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Acknowledge, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
