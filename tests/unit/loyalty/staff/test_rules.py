"""Who may do what, where."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.staff.rules import (
    PERMISSIONS,
    may,
    may_call,
    scope_of,
    session_stands,
)
from loyalty.staff.values import (
    ApiKeyID,
    ApiScope,
    KeyIdentity,
    Permission,
    Post,
    Role,
    Scope,
    SessionLimits,
    StaffID,
    StaffMember,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def member(*posts: Post, disabled: bool = False) -> StaffMember:
    return StaffMember(
        id=StaffID(1),
        email="a@shop.test",
        name="A",
        language="en",
        posts=posts,
        second_factor=False,
        disabled_at=NOW if disabled else None,
    )


posts = st.builds(
    Post, role=st.sampled_from(Role), store_id=st.none() | st.integers(1, 3)
)


class TestPermissions:
    def test_are_given_to_every_role(self) -> None:
        assert set(PERMISSIONS) == set(Role)

    def test_let_a_cashier_serve_and_nothing_else(self) -> None:
        assert PERMISSIONS[Role.CASHIER] == {Permission.TILL_SERVE}

    def test_let_an_administrator_do_everything(self) -> None:
        assert PERMISSIONS[Role.ADMINISTRATOR] == set(Permission)

    def test_keep_approving_from_who_writes(self) -> None:
        assert Permission.PROMOTIONS_APPROVE not in PERMISSIONS[Role.MARKETER]


class TestScope:
    def test_joins_the_stores_of_all_posts(self) -> None:
        somebody = member(
            Post(role=Role.CASHIER, store_id=1),
            Post(role=Role.MANAGER, store_id=2),
            Post(role=Role.MARKETER),
        )

        serve = scope_of(somebody, Permission.TILL_SERVE)
        assert serve == Scope(stores=frozenset({1, 2}))
        read = scope_of(somebody, Permission.PROMOTIONS_READ)
        assert read == Scope(everywhere=True)
        assert scope_of(somebody, Permission.STAFF_WRITE) == Scope()

    def test_is_empty_for_who_is_disabled(self) -> None:
        gone = member(Post(role=Role.ADMINISTRATOR), disabled=True)

        assert not any(may(gone, permission) for permission in Permission)

    @given(st.lists(posts, max_size=4), st.sampled_from(Permission), st.integers(1, 3))
    def test_agrees_with_the_table_post_by_post(
        self, given_posts: list[Post], permission: Permission, store: int
    ) -> None:
        expected = any(
            permission in PERMISSIONS[post.role] and post.store_id in {None, store}
            for post in given_posts
        )

        assert may(member(*given_posts), permission, store_id=store) is expected

    @given(st.lists(posts, max_size=4), st.sampled_from(Permission))
    def test_covers_all_stores_at_once_only_from_everywhere(
        self, given_posts: list[Post], permission: Permission
    ) -> None:
        scope = scope_of(member(*given_posts), permission)

        assert scope.covers(None) is scope.everywhere


class TestKey:
    @pytest.mark.parametrize(
        ("scope", "store", "right"),
        [
            (ApiScope.CHECKOUT_QUOTE, None, True),
            (ApiScope.CHECKOUT_QUOTE, 1, True),
            (ApiScope.CHECKOUT_QUOTE, 2, False),
            (ApiScope.OFFERS_READ, 1, False),
        ],
    )
    def test_reaches_its_scopes_in_its_store(
        self, scope: ApiScope, store: int | None, *, right: bool
    ) -> None:
        key = KeyIdentity(
            id=ApiKeyID(1),
            label="Till",
            scopes=frozenset({ApiScope.CHECKOUT_QUOTE}),
            store_id=1,
        )

        assert may_call(key, scope, store_id=store) is right


class TestSession:
    LIMITS = SessionLimits(idle=60, absolute=600)

    @pytest.mark.parametrize(
        ("age", "idle", "stands"),
        [(0, 0, True), (599, 59, True), (599, 60, False), (600, 0, False)],
    )
    def test_ends_idle_or_old(self, age: int, idle: int, *, stands: bool) -> None:
        found = session_stands(
            created_at=NOW - timedelta(seconds=age),
            seen_at=NOW - timedelta(seconds=idle),
            limits=self.LIMITS,
            now=NOW,
        )

        assert found is stands
