"""Providers that report back, as they sign it."""

import base64
import json

from flask.testing import FlaskClient
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from loyalty.core.clock import machine_now
from loyalty.core.vault import Vault
from loyalty.inbound.proof import sms_signature
from tests.integration.till.shop import SECRET

SMS_TOKEN = "the account's own secret"  # noqa: S105  # a test's own
REPORT_SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
TELEGRAM = Vault(SECRET).derive("telegram webhook").hex()


def by_sms(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    url = f"http://localhost{path}"
    signed = sms_signature(SMS_TOKEN, url, fields.items())
    headers = {"X-Twilio-Signature": signed}
    return client.post(path, data=fields, headers=headers)


def by_telegram(client: FlaskClient, **update: object) -> TestResponse:
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM}
    return client.post("/reports/telegram", json=update, headers=headers)


def by_event(client: FlaskClient, name: str, **event: object) -> TestResponse:
    """Report as the reference library of Standard Webhooks signs it."""
    body, now = json.dumps(event), machine_now()
    signed = Webhook(REPORT_SECRET).sign(name, now, body)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
    }
    return client.post(
        "/reports/events", data=body, headers=headers, content_type="application/json"
    )
