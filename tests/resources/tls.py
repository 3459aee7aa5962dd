"""A certificate authority of the tests, what it signs, and a server that speaks TLS with it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.resources.wire import Wire


class Authority:
    """Signs certificates for names."""

    def __init__(self, name: str = "CA of the tests", days: int = 30) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key, days, x509.BasicConstraints(ca=True, path_length=0))
        self.pem = self.certificate.public_bytes(Encoding.PEM).decode()

    def issue(self, folder: Path, *names: str, days: int = 30) -> Path:
        """A file with the key and certificate of a server that has these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        signed = self._sign(subject, key, days, alternatives)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = folder / f"{names[0]}.pem"
        file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
        return file

    def _sign(self, subject, key, days, extension):
        now = datetime.now(UTC)
        begin = now - timedelta(days=60)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        )
        return builder.sign(self.key, hashes.SHA256())


class TLSWire(Wire):
    """A Wire behind TLS; ``names`` are what the other side said it was looking for."""

    def __init__(self, behave: Callable[[socket.socket, str], None], certificate: Path) -> None:
        super().__init__(behave)
        self.names: list[str | None] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.port = self.listening.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            super().serve(self.context.wrap_socket(connection, server_side=True))
