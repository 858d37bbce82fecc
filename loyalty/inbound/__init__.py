"""What providers report back, each proved by its signature: ``/reports``."""

from flask import Blueprint

from loyalty.inbound import mail, sms, telegram

blueprint = Blueprint("inbound", __name__, url_prefix="/reports")
for part in (sms, telegram, mail):
    blueprint.register_blueprint(part.blueprint)

__all__ = ["blueprint"]
