"""A mail with its envelope, as it goes over the wire."""

from dataclasses import dataclass

from jobs.channels.base import PermanentFailure
from jobs.channels.email.answers import Stage
from jobs.channels.email.writing import UnsafeMail, Writer, ascii_address
from loyalty.delivery.rules.returning import return_address
from loyalty.delivery.values import OutgoingMessage


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is written to the server: three commands, then the mail and its end."""

    commands: tuple[tuple[Stage, bytes], ...]
    data: bytes

    @property
    def envelope(self) -> bytes:
        """The commands in one piece."""
        return b"".join(command for _, command in self.commands)


class Packer:
    """Packs mails that come back to one mailbox."""

    def __init__(self, writer: Writer, bounces: str) -> None:
        self._writer = writer
        self._bounces = bounces

    def pack(self, message: OutgoingMessage) -> Parcel:
        """
        Write the mail and its envelope.

        :raises PermanentFailure: if it has no address or can't be written
        """
        if message.address is None:
            answer = "no address"
            raise PermanentFailure(answer)
        try:
            address = ascii_address(message.address)
            mail = self._writer.write(message)
        except UnsafeMail as problem:
            raise PermanentFailure(str(problem)) from problem
        back = return_address(self._bounces, message.handover_key)
        return Parcel(
            commands=(
                (Stage.SENDER, f"MAIL FROM:<{back}>\r\n".encode()),
                (Stage.RECIPIENT, f"RCPT TO:<{address}>\r\n".encode()),
                (Stage.DATA, b"DATA\r\n"),
            ),
            # A line of one dot would end the mail (RFC 5321, section 4.5.2).
            data=mail.replace(b"\r\n.", b"\r\n..") + b".\r\n",
        )
