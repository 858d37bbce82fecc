"""What signs customers' cards for the wallets of phones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr

TOGETHER: Final = (
    (
        "apple_pass_certificate",
        "apple_pass_key",
        "apple_pass_wwdr",
        "apple_pass_type_id",
        "apple_pass_team_id",
    ),
    ("google_wallet_key_file", "google_wallet_class_id"),
)
"""Settings of which one is worth nothing without the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplePassFiles:
    """Where the shop keeps what signs passes for Apple Wallet."""

    certificate: Path
    key: Path
    key_password: str | None
    wwdr: Path
    pass_type_id: str
    team_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GoogleWalletFiles:
    """Where the shop keeps what signs links to Google Wallet."""

    key_file: Path
    class_id: str


class WalletSettings(BaseModel):
    """The wallets' part of the settings; each wallet is off without its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    apple_pass_certificate: Path | None = None
    """The certificate of the shop's pass type, PEM. Apple Wallet is off without it."""

    apple_pass_key: Path | None = None
    """The certificate's private key, PEM."""

    apple_pass_key_password: SecretStr | None = None
    """What the key is encrypted with, if it is."""

    apple_pass_wwdr: Path | None = None
    """Apple's intermediate certificate (WWDR) that issued the shop's, PEM."""

    apple_pass_type_id: str | None = None
    """The pass type, as ``pass.org.example.loyalty``."""

    apple_pass_team_id: str | None = None
    """The team's identifier at Apple."""

    google_wallet_key_file: Path | None = None
    """The key file of a service account, JSON. Google Wallet is off without it."""

    google_wallet_class_id: str | None = None
    """The loyalty class, ``issuer.class``, as it was made in Google's console."""

    @property
    def apple_pass(self) -> ApplePassFiles | None:
        """What signs passes for Apple Wallet; None while it is off."""
        certificate, key = self.apple_pass_certificate, self.apple_pass_key
        if certificate is None or key is None or self.apple_pass_wwdr is None:
            return None
        password = self.apple_pass_key_password
        return ApplePassFiles(
            certificate=certificate,
            key=key,
            key_password=password.get_secret_value() if password else None,
            wwdr=self.apple_pass_wwdr,
            pass_type_id=self.apple_pass_type_id or "",
            team_id=self.apple_pass_team_id or "",
        )

    @property
    def google_wallet(self) -> GoogleWalletFiles | None:
        """What signs links to Google Wallet; None while it is off."""
        if self.google_wallet_key_file is None:
            return None
        return GoogleWalletFiles(
            key_file=self.google_wallet_key_file,
            class_id=self.google_wallet_class_id or "",
        )
