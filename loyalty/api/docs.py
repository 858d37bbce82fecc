"""The page that shows the API: Swagger UI, served from here, under its own policy.

The one inline script starts it. The policy names the script by its hash, so no other
inline code can run, and nothing but our own addresses can be asked.
"""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Final

from flask import Blueprint, Response, make_response, render_template

from loyalty.web.guards import open_to_all

blueprint: Final = Blueprint("api-page", __name__, template_folder="templates")

_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@blueprint.get("/api/docs")
@open_to_all("it shows the description, which holds nothing secret")
def show() -> Response:
    """Show every operation, ready to be tried."""
    page = render_template("api/docs.html")
    hashes = " ".join(f"'{_hash(script)}'" for script in _SCRIPT.findall(page))
    response = make_response(page)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return response


def _hash(script: str) -> str:
    return "sha256-" + b64encode(sha256(script.encode()).digest()).decode()
