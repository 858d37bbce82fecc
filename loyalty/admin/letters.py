"""Batches of letters, for whoever prints them."""

from flask import send_file
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, show
from loyalty.delivery.queries.batches import LETTERS, MANIFEST, list_batches, open_batch
from loyalty.staff.values import Permission
from loyalty.web.context import parts
from loyalty.web.guards import requires


@blueprint.get("/deliveries/letters")
@requires(Permission.DELIVERIES_READ)
def show_letters() -> ResponseReturnValue:
    """Show the batches that are ready, the newest first."""
    folder = parts().letter_dir
    return show("letters.html", batches=list_batches(folder), off=folder is None)


@blueprint.get("/deliveries/letters/<name>.pdf")
@requires(Permission.CUSTOMERS_READ)
def download_letters(name: str) -> ResponseReturnValue:
    """Give a batch to print: it has names and addresses in it."""
    path = open_batch(parts().letter_dir, name=name, part=LETTERS)
    return send_file(path, as_attachment=True, download_name=f"{name}.pdf")


@blueprint.get("/deliveries/letters/<name>.csv")
@requires(Permission.DELIVERIES_READ)
def download_manifest(name: str) -> ResponseReturnValue:
    """Give a batch's manifest: a line for each letter, without addresses."""
    path = open_batch(parts().letter_dir, name=name, part=MANIFEST)
    return send_file(path, as_attachment=True, download_name=f"{name}.csv")
