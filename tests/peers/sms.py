"""A provider of text messages in Twilio's shape."""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.peers.web import Answer, Peer, Request

ACCOUNT, TOKEN = "AC0123456789abcdef", "secret-of-the-account"
STOPPED = "+48600000009"
"""Its owner has told the provider that nothing more is wanted."""


@dataclass(kw_only=True)
class SmsPeer(Peer):
    """Takes messages as Twilio does, and says no in Twilio's words."""

    messages: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return _no(401, 20003, "Authenticate")
        if request.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            return _no(404, 20404, "The requested resource was not found")
        fields = parse_qs(request.body.decode(), keep_blank_values=True)
        form = {name: values[0] for name, values in fields.items()}
        number = form["To"]
        if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
            return _no(400, 21211, f"Invalid 'To' Phone Number: {number}")
        if number == STOPPED:
            return _no(
                400, 21610, f"Attempt to send to unsubscribed recipient {number}"
            )
        if len(form["Body"]) > 1600:
            return _no(400, 21617, "The concatenated message body exceeds the limit")
        self.messages.append(form)
        return Answer(
            status=201,
            document={
                "sid": f"SM{len(self.messages):032x}",
                "status": "queued",
                "to": number,
                "body": form["Body"],
                "num_segments": "1",
                "price": None,
            },
        )


def _no(status: int, code: int, message: str) -> Answer:
    return Answer(
        status=status, document={"code": code, "message": message, "status": status}
    )
