import re

from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.customers.queries import get_profile, list_consents
from loyalty.customers.values import Channel, Profile
from tests.integration.till.pages import send, with_token, words
from tests.integration.till.shop import Shop

PAGE = "/wallet/preferences"


class TestPreferences:
    def test_saves_all_of_it(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        answer = _save(
            client,
            language="sl",
            channel=["inbox", "email"],
            offers=["inbox"],
            max_per_week="2",
            hours=["0:1080-1200", "0:1200-1320", "5:600-720"],
            topic=["drinks"],
            personalised="yes",
            measured="yes",
        )
        assert answer == 303
        profile = _profile(database, shop)
        known = profile.preferences
        assert profile.language == "sl"
        assert known.channels == (Channel.INBOX, Channel.EMAIL)
        assert profile.marketing_channels == {Channel.INBOX}
        assert known.max_per_week == 2
        assert known.topics == ("drinks",)
        assert known.personalised
        assert known.measured
        assert [(sorted(w.days), w.start, w.until) for w in known.windows] == [
            ([0], 1080, 1320),
            ([5], 600, 720),
        ]

    def test_writes_down_each_change_of_mind(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        before = _statements(database, shop)
        _save(client, language="en", channel=["email", "inbox"], offers=["inbox"])
        assert _statements(database, shop)[len(before) :] == [
            ("personalisation", None, False, "page"),
            ("marketing", "email", False, "page"),
        ]

    def test_saving_what_stands_states_nothing_anew(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        before = _statements(database, shop)
        _save(
            client,
            language="en",
            channel=["email", "inbox"],
            offers=["email", "inbox"],
            personalised="yes",
        )
        assert _statements(database, shop) == before

    def test_refuses_nonsense_and_changes_nothing(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        before = _profile(database, shop)
        for wrong in (
            {"language": "xx"},
            {"max_per_week": "15"},
            {"max_per_week": "x"},
            {"topic": "nothing/of/ours"},
        ):
            form = {"language": "en", "channel": "email", **wrong}
            assert _save(client, **form) == 422
        assert _profile(database, shop) == before

    def test_moves_a_channel_without_script_and_saves_nothing_yet(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        data: dict[str, str | list[str]] = {
            "language": "en",
            "channel": ["email", "inbox", "sms"],
            "offers": ["email"],
            "move": "up:inbox",
        }
        page = client.post(PAGE, data=_with_token(client, data))
        order = re.findall(r'name="channel" value="(\w+)"', page.text)
        assert order == ["inbox", "email"]  # nothing stands behind text messages here
        assert "not saved yet" in page.text
        known = _profile(database, shop).preferences
        assert known.channels == (Channel.EMAIL, Channel.INBOX)

    def test_pauses_and_goes_on(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        assert "Paused until" in words(send(client, f"{PAGE}/pause", page=PAGE))
        assert _profile(database, shop).preferences.pause_until is not None
        assert "The pause is over" in words(send(client, f"{PAGE}/resume", page=PAGE))
        assert _profile(database, shop).preferences.pause_until is None

    def test_stops_everything_in_two_taps(
        self, client: FlaskClient, database: Database, shop: Shop
    ) -> None:
        assert f'href="{PAGE}/stop"' in client.get(PAGE).text
        assert "Stop everything" in words(client.get(f"{PAGE}/stop"))
        assert "Stopped." in words(send(client, f"{PAGE}/stop", page=PAGE))
        profile = _profile(database, shop)
        assert profile.marketing_channels == frozenset()
        assert not profile.preferences.personalised
        assert not profile.preferences.measured

    def test_begins_the_week_as_its_reader_does(self, client: FlaskClient) -> None:
        first = re.compile(r'name="hours" value="(\d):')
        english = first.search(client.get(f"{PAGE}?lang=en").text)
        persian = first.search(client.get(f"{PAGE}?lang=fa").text)
        assert english is not None
        assert persian is not None
        assert (english[1], persian[1]) == ("0", "5")

    def test_masks_addresses(self, client: FlaskClient) -> None:
        page = client.get(PAGE).text
        assert "anna@shop.example.com" not in page
        assert "a•••@shop.example.com" in page


def _save(client: FlaskClient, **values: str | list[str]) -> int:
    return client.post(PAGE, data=_with_token(client, dict(values))).status_code


def _with_token(
    client: FlaskClient, values: dict[str, str | list[str]]
) -> dict[str, str | list[str]]:
    return {**values, **with_token(client, {}, page=PAGE)}


def _profile(database: Database, shop: Shop) -> Profile:
    with database.transaction() as session:
        return get_profile(session, customer_id=shop.anna)


def _statements(
    database: Database, shop: Shop
) -> list[tuple[str, str | None, bool, str]]:
    with database.transaction() as session:
        return [
            (
                one.purpose.value,
                one.channel and one.channel.value,
                one.given,
                one.source,
            )
            for one in list_consents(session, customer_id=shop.anna)
        ]
