"""Request headers against small models of what RFC 9110 says of them."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.index.headers import (
    UNSATISFIABLE,
    Span,
    accepts_gzip,
    attachment,
    http_date,
    is_in_range,
    is_unmodified,
    joined,
    matches,
    parse_range,
)

SIZE = 1000
ETAG = b'"0123456789abcdef"'
DATE = b"Mon, 04 May 2026 03:02:01 GMT"
SECONDS = int(datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC).timestamp())


def test_lines_of_the_same_header_are_one_list() -> None:
    assert joined([(b"accept", b"a"), (b"host", b"h"), (b"accept", b"b")]) == {
        b"accept": b"a, b",
        b"host": b"h",
    }


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"", False),
        (b"identity", False),
        (b"gzip", True),
        (b"GZIP", True),
        (b"x-gzip", True),
        (b"deflate, gzip;q=0.5", True),
        (b"*", True),
        (b"*;q=0", False),
        (b"gzip;q=0", False),
        (b"gzip ; q=0.000", False),
        (b"gzip;q=0, *", False),
        (b"gzip;q=0.001", True),
        (b"br, *;q=0.1", True),
        (b"gzipped", False),
        (b"gzip" + b", br" * 1000, True),
    ],
)
def test_gzip_is_sent_to_who_takes_it(header: bytes, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


tags = st.binary(max_size=8).map(lambda octets: b'"' + octets.hex().encode() + b'"')
weak_or_strong = st.tuples(st.sampled_from([b"", b"W/"]), tags)


# IX-07
@given(st.lists(weak_or_strong, max_size=5), tags, st.sampled_from([b", ", b",", b" ,, "]))
def test_a_list_of_tags_matches_whoever_is_in_it_weak_or_strong(
    listed: list[tuple[bytes, bytes]], etag: bytes, comma: bytes
) -> None:
    header = comma.join(weak + tag for weak, tag in listed)
    assert matches(header, etag) is (etag in {tag for _, tag in listed})


# IX-07
@pytest.mark.parametrize("header", [b"*", b" * ", ETAG, b"W/" + ETAG, b'"x,y", ' + ETAG, b'"a"' + ETAG])
def test_these_match(header: bytes) -> None:
    assert matches(header, ETAG)


@pytest.mark.parametrize(
    "header", [b"", b"**", b'"*"', ETAG[1:-1], ETAG[:-1], b'"x' + ETAG[1:], b"w/", b'"' * 100_000]
)
def test_these_do_not(header: bytes) -> None:
    assert not matches(header, ETAG)


@given(st.binary(max_size=60))
def test_no_octets_are_an_error(header: bytes) -> None:
    assert matches(header, ETAG) in {True, False}
    assert is_unmodified(header, SECONDS) in {True, False}
    assert accepts_gzip(header) in {True, False}
    span = parse_range(header, SIZE)
    assert span is None or span is UNSATISFIABLE or 0 <= span.start < span.stop <= SIZE


positions = st.one_of(st.none(), st.integers(0, 2 * SIZE))


def model(first: int | None, last: int | None, size: int) -> Span | None:
    """RFC 9110 §14.1.2, by counting: which of the file's positions are asked for?"""
    if first is None and last is None:
        return None
    if first is None:
        assert last is not None
        asked = range(size)[-last:] if last else range(0)
    elif last is not None and last < first:
        return None
    else:
        asked = range(size)[first:] if last is None else range(size)[first : last + 1]
    return Span(asked[0], asked[-1] + 1) if asked else UNSATISFIABLE


# IX-06
@given(
    positions,
    positions,
    st.integers(0, 2 * SIZE),
    st.sampled_from([b"bytes=%b", b"Bytes= %b ", b"bytes=,%b,"]),
)
def test_one_range_is_the_part_that_it_describes(
    first: int | None, last: int | None, size: int, form: bytes
) -> None:
    spec = b"-".join(b"" if position is None else b"%d" % position for position in (first, last))
    assert parse_range(form % spec, size) == model(first, last, size)


# IX-06
@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"bytes",
        b"bytes=",
        b"bytes=-",
        b"bytes=a-b",
        b"bytes=1",
        b"bytes=--1",
        b"bytes=1-2-3",
        b"bytes=+1-2",
        b"bytes=9-1",
        b"items=0-1",
        b"bytes=0-1,2-3",
        b"bytes=0-1,0-1",
        b"bytes=" + b"0-," * 10_000,
        b"bytes=0-" + b"9" * 10_000,
        b"bytes=\xb2-\xb3",
    ],
)
def test_anything_else_gets_the_whole_file(header: bytes) -> None:
    assert parse_range(header, SIZE) is None


@pytest.mark.parametrize(
    "header", [b"bytes=1000-", b"bytes=1000-2000", b"bytes=-0", b"bytes=999999999999999999-"]
)
def test_a_range_outside_of_the_file_is_unsatisfiable(header: bytes) -> None:
    assert parse_range(header, SIZE) is UNSATISFIABLE


def test_dates_are_written_as_http_writes_them() -> None:
    assert http_date(SECONDS) == DATE


# IX-07
@pytest.mark.parametrize(
    ("since", "unmodified"),
    [
        (DATE, True),
        (b"Mon, 04 May 2026 03:02:02 GMT", True),
        (b"Mon, 04 May 2026 03:02:00 GMT", False),
        (b"Monday, 04-May-26 03:02:01 GMT", True),
        (b"Mon, 04 May 2026 05:02:01 +0200", True),
        (b"yesterday", False),
        (b"", False),
        (b"Mon, 99 May 2026 03:02:01 GMT", False),
        (b"Mon, 04 May 99999 03:02:01 GMT", False),
    ],
)
def test_a_file_is_unmodified_since_its_own_date(since: bytes, unmodified: bool) -> None:
    assert is_unmodified(since, SECONDS) is unmodified


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year > 1970))
def test_any_date_is_compared_in_seconds(moment: datetime) -> None:
    since = format_datetime(moment, usegmt=True).encode()
    assert is_unmodified(since, SECONDS) is (int(moment.timestamp()) >= SECONDS)


@pytest.mark.parametrize(
    ("if_range", "holds"),
    [(ETAG, True), (b"W/" + ETAG, False), (b'"other"', False), (DATE, True), (b"", False)],
)
def test_a_range_holds_for_a_strong_tag_or_the_very_date(if_range: bytes, holds: bool) -> None:
    assert is_in_range(if_range, etag=ETAG, last_modified=DATE) is holds


@pytest.mark.parametrize(
    ("filename", "value"),
    [
        ("demo-1.0.tar.gz", b'attachment; filename="demo-1.0.tar.gz"'),
        ('a"b\\c%.whl', b"attachment; filename=\"a_b_c_.whl\"; filename*=UTF-8''a%22b%5Cc%25.whl"),
        (
            "caf\N{LATIN SMALL LETTER E WITH ACUTE}.whl",
            b"attachment; filename=\"caf_.whl\"; filename*=UTF-8''caf%C3%A9.whl",
        ),
        ("a\r\nb: c", b"attachment; filename=\"a__b: c\"; filename*=UTF-8''a%0D%0Ab%3A%20c"),
        ("\ud800", b"attachment; filename=\"_\"; filename*=UTF-8''%3F"),
    ],
)
def test_a_download_keeps_its_name_and_no_name_breaks_the_header(filename: str, value: bytes) -> None:
    assert attachment(filename) == value
