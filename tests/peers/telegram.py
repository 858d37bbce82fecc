"""A small Bot API: what of it a shop's bot uses."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.peers.web import Answer, Peer, Request

TOKEN = "123456:of-the-shops-own-bot"  # noqa: S105  # of a test
BLOCKED, NOBODY = 666, 404


@dataclass(kw_only=True)
class TelegramPeer(Peer):
    """Takes messages for chats, and says no in the words of the real one."""

    messages: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        bot, _, method = request.path.removeprefix("/bot").partition("/")
        if bot != TOKEN:
            return _no(401, "Unauthorized")
        if method != "sendMessage":
            return _no(404, "Not Found")
        said = json.loads(request.body)
        if said["chat_id"] == BLOCKED:
            return _no(403, "Forbidden: bot was blocked by the user")
        if said["chat_id"] == NOBODY:
            return _no(400, "Bad Request: chat not found")
        self.messages.append(said)
        return Answer(
            document={"ok": True, "result": {"message_id": len(self.messages)}}
        )


def _no(status: int, description: str) -> Answer:
    said = {"ok": False, "error_code": status, "description": description}
    return Answer(status=status, document=said)
