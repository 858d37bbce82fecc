"""Handing out a file of coupon codes while it is made."""

from flask import Response

from loyalty.core.clock import machine_now
from loyalty.usecases.make_codes import CodeFile, write_file
from loyalty.web.context import database


def code_file(file: CodeFile) -> Response:
    """Answer with the file; who got less than its length did not get it."""
    return Response(
        write_file(database(), file=file, clock=machine_now),
        mimetype="text/csv",
        headers={
            "Content-Length": str(file.length),
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Codes-Batch": str(file.batch_id),
        },
    )
