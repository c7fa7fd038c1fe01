"""Parts and manifests over SFTP: written beside their name, then renamed to it."""

from __future__ import annotations

import base64
import binascii
import posixpath
from typing import Any
from urllib.parse import urlsplit

import paramiko

from activation import faults
from activation.destinations.base import FatalError
from activation.destinations.file.client import FileClient
from activation.destinations.settings import Environment
from activation.destinations.sftp_file.settings import Settings
from warehouse.errors import QuanyuError


def connect(sync: str, settings: Settings) -> FileClient:
    """Name the server of a sync; it is connected to when the first file is written."""
    environment = Environment(sync)
    url = urlsplit(environment.text(settings.url_env))
    if url.scheme != "sftp" or not url.hostname or not url.username:
        raise QuanyuError(
            f"Sync {sync}: {settings.url_env} is not sftp://user@host:port/folder."
        )
    try:
        kind, text = environment.text(settings.host_key_env).split()[:2]
        host_key = paramiko.PKey.from_type_string(kind, base64.b64decode(text))
    except (ValueError, binascii.Error, paramiko.SSHException) as error:
        raise QuanyuError(
            f"Sync {sync}: {settings.host_key_env} is not a public key as in "
            "known_hosts."
        ) from error
    login: dict[str, Any] = (
        {"key_filename": environment.text(settings.private_key_env)}
        if settings.private_key_env
        else {"password": environment.text(settings.password_env or "")}
    )
    store = SftpStore(
        (url.hostname, url.port or 22),
        {"username": url.username, **login},
        host_key,
        posixpath.join(url.path or ".", sync),
        settings.timeout_s,
    )
    return FileClient(store, settings.encoding)


class SftpStore:
    """A directory of one server."""

    def __init__(
        self,
        address: tuple[str, int],
        login: dict[str, Any],
        host_key: paramiko.PKey,
        directory: str,
        timeout_s: float,
    ) -> None:
        self._address = address
        self._login = login
        self._host_key = host_key
        self._directory = directory
        self._timeout_s = timeout_s
        self._ssh: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def write(self, name: str, content: bytes, label: str) -> None:
        """Put a whole file in place or none."""
        path = self._path(name)
        folder, file = posixpath.split(path)
        temporary = posixpath.join(folder, f".{file}.tmp")
        sftp = self._open()
        try:
            self._make(folder)
            with sftp.open(temporary, "wb") as remote:
                remote.set_pipelined(True)
                remote.write(content)
            faults.point(label)
            sftp.posix_rename(temporary, path)
        except (EOFError, paramiko.SSHException) as error:
            self.release()  # the next attempt connects anew
            raise OSError(type(error).__name__) from error

    def read(self, name: str) -> bytes:
        """Content of a file that is there."""
        with self._open().open(self._path(name), "rb") as remote:
            remote.prefetch()
            return remote.read()

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder; none when there is no such folder."""
        try:
            return self._open().listdir(self._path(folder))
        except FileNotFoundError:
            return []

    def delete(self, name: str) -> None:
        """Take a file away; it may be gone already."""
        try:
            self._open().remove(self._path(name))
        except FileNotFoundError:
            return

    def drop(self, folder: str) -> None:
        """Take an empty folder away."""
        try:
            self._open().rmdir(self._path(folder))
        except FileNotFoundError:
            return

    def release(self) -> None:
        """Close the connection."""
        if self._ssh is not None:
            self._ssh.close()
        self._ssh = self._sftp = None

    def _path(self, name: str) -> str:
        return posixpath.join(self._directory, name)

    def _make(self, folder: str) -> None:
        """Make a folder and those above it."""
        sftp = self._open()
        try:
            sftp.stat(folder)
        except FileNotFoundError:
            self._make(posixpath.dirname(folder))
            sftp.mkdir(folder)

    def _open(self) -> paramiko.SFTPClient:
        if self._sftp is not None:
            return self._sftp
        ssh = paramiko.SSHClient()
        host, port = self._address
        known = host if port == 22 else f"[{host}]:{port}"
        ssh.get_host_keys().add(known, self._host_key.get_name(), self._host_key)
        try:
            ssh.connect(
                host,
                port,
                timeout=self._timeout_s,
                look_for_keys=False,
                allow_agent=False,
                **self._login,
            )
            self._ssh, self._sftp = ssh, ssh.open_sftp()
        except paramiko.BadHostKeyException as error:
            raise FatalError("the server shows another key than expected") from error
        except paramiko.AuthenticationException as error:
            raise FatalError("the server refuses user or key") from error
        except paramiko.SSHException as error:
            raise OSError(type(error).__name__) from error
        return self._sftp
