"""The sandbox's own certificate authority, and the certificate that it gives to every host the sandbox answers for.

Made once and kept in a folder: a client that was told to trust `ca.pem` trusts it after a restart, too. Nobody else should.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS, LEAF_DAYS, SPARE_DAYS = 3650, 300, 14


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in PEM: the authority to trust, and the server's chain with its key."""

    ca: Path
    leaf: Path


def certificates(folder: Path, hosts: Sequence[str], *, now: datetime | None = None) -> Certificates:
    """The kept ones while they fit these hosts and last, else new ones. The authority stays as long as it lasts."""
    moment = now or datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    kept = Certificates(folder / "ca.pem", folder / "leaf.pem")
    ca_key_file = folder / "ca.key.pem"
    names = sorted({*hosts, "localhost", "127.0.0.1"})
    if not (ca_key_file.is_file() and _lasts(kept.ca, moment)):
        _make_ca(kept.ca, ca_key_file, moment)
        kept.leaf.unlink(missing_ok=True)
    if not (_lasts(kept.leaf, moment) and _names(kept.leaf) == names):
        _make_leaf(kept, ca_key_file, names, moment)
    return kept


def _make_ca(ca: Path, key_file: Path, now: datetime) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Whyral sandbox, trust in tests only")
    made = _builder(name, name, key, now, CA_DAYS).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signs = _usage(is_ca=True)
    found = made.add_extension(signs, critical=True).sign(key, hashes.SHA256())
    _keep(key_file, _private(key))
    _keep(ca, found.public_bytes(serialization.Encoding.PEM))


def _make_leaf(kept: Certificates, ca_key_file: Path, names: Sequence[str], now: datetime) -> None:
    ca = x509.load_pem_x509_certificate(kept.ca.read_bytes())
    ca_key = serialization.load_pem_private_key(ca_key_file.read_bytes(), password=None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{ca_key_file} holds another kind of key: remove the folder {ca_key_file.parent}")
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder(_name("Whyral sandbox"), ca.subject, key, now, LEAF_DAYS)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _keep(kept.leaf, made.public_bytes(serialization.Encoding.PEM) + _private(key))


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=is_ca, crl_sign=is_ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _alternative(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if name[-1].isdigit() else x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _keep(path: Path, words: bytes) -> None:
    """At once or not at all, and for this user only."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(words)
    fresh.replace(path)


def _lasts(path: Path, now: datetime) -> bool:
    return path.is_file() and x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc > now + timedelta(days=SPARE_DAYS)


def _names(path: Path) -> list[str]:
    found = x509.load_pem_x509_certificate(path.read_bytes()).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted([*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))])
