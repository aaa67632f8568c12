"""Connections to a coordinator, in clear or over TLS."""

from dataclasses import dataclass
from pathlib import Path

import grpc

_OPTIONS = [("grpc.max_receive_message_length", -1)]


@dataclass(frozen=True)
class Tls:
    """Files, PEM, of a connection over TLS: with a certificate and its key, or with a token.

    The coordinator's certificate must come from ``ca`` and be good for the host's name.
    """

    #: Certificates of the authorities that the coordinator's is to come from.
    ca: str | Path
    cert: str | Path | None = None
    key: str | Path | None = None
    #: A file with a bearer token.
    token_file: str | Path | None = None


def _bytes(path: str | Path | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


def open_channel(address: str, tls: Tls | None) -> grpc.Channel:
    """Connects when it is first used.

    Raises:
        OSError: when a file can't be read
    """
    if tls is None:
        return grpc.insecure_channel(address, options=_OPTIONS)
    if (tls.cert is None) != (tls.key is None):
        raise ValueError("cert and key must be given together")
    credentials = grpc.ssl_channel_credentials(_bytes(tls.ca), _bytes(tls.key), _bytes(tls.cert))
    if tls.token_file is not None:
        token = grpc.access_token_call_credentials(Path(tls.token_file).read_text().strip())
        credentials = grpc.composite_channel_credentials(credentials, token)
    return grpc.secure_channel(address, credentials, options=_OPTIONS)
