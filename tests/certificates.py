"""Certificates for the TLS tests, made new for every run."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """PEM files: the authority, the server's chain and key, a client's chain and key."""

    ca: str
    server_cert: str
    server_key: str
    client_cert: str
    client_key: str


def issue(directory: Path) -> Certificates:
    """Makes an authority and writes what it issues into the directory."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    client = authority.issue_cert("CP001")
    files = {name: str(directory / name) for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")}
    authority.cert_pem.write_to_path(files["ca.pem"])
    for chain, blob in enumerate(server.cert_chain_pems):
        blob.write_to_path(files["server.pem"], append=chain > 0)
    for chain, blob in enumerate(client.cert_chain_pems):
        blob.write_to_path(files["client.pem"], append=chain > 0)
    server.private_key_pem.write_to_path(files["server.key"])
    client.private_key_pem.write_to_path(files["client.key"])
    return Certificates(
        files["ca.pem"], files["server.pem"], files["server.key"], files["client.pem"], files["client.key"]
    )
