"""CSV files as channels write them, damage included."""

from __future__ import annotations

import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.delimited import MAX_RECORD_LINES
from ingestion.rows import columnar_rows, plain_rows
from tests.unit.ingestion.reading import line_by_line, read, small_blocks, table
from warehouse.errors import QuanyuError

ENCODINGS = ["utf-8", "utf-8-sig", "gb18030"]
VALUES = st.text(
    st.sampled_from("ab ,\"'\n\r\t;\\，。中文１２😀é\u3000\u2028\ufeff\x0b\x85")
    | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=8,
)
HEADERS = ["编号", "b", "c"]


def written(rows: list[list[str]], encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    text = io.StringIO()
    # The csv module leaves a lone carriage return unquoted unless lines end in one.
    bare = any("\r" in value for row in rows for value in row)
    quoting = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
    writer = csv.writer(text, lineterminator=end, quoting=quoting)
    writer.writerows([HEADERS, *rows])
    return text.getvalue().encode(encoding)


@given(
    st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=12),
    st.sampled_from(ENCODINGS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([7, 40, 4096]),
)
def test_well_formed_files_read_as_the_csv_module_reads_them(
    rows: list[list[str]], encoding: str, end: str, block_bytes: int
) -> None:
    content = written(rows, encoding, end)
    contract = table("编号 b c", encoding=encoding.removesuffix("-sig"))
    with small_blocks(block_bytes):
        found = read(content, contract)
    text = content.decode(encoding)
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert not found.quarantined
    assert list(found.rows) == list(range(1, len(rows) + 1))
    assert [list(row.values()) for row in found.rows.values()] == [
        [value or None for value in row] for row in expected
    ]


@given(
    st.lists(
        st.sampled_from(["1,2,3", ",,", "a, b ,c", "全,域,通", "1,2", "1,2,3,4", "5"]),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_plain_lines_are_cut_as_arrow_cuts_them(lines: list[str], end: str) -> None:
    text = "".join(line + end for line in lines).encode()
    plain, columnar = plain_rows(text, HEADERS), columnar_rows(text, HEADERS)
    assert plain is not None
    assert columnar is not None
    assert (plain.count, plain.odd) == (columnar.count, columnar.odd)
    assert dict(plain.columns) == dict(columnar.columns)
    sound = [line + "\n" for line in lines if line.count(",") == 2]
    assert plain.lines is not None
    assert plain.lines.to_pylist() == sound


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"1,2,3", b'"x",y,z', b'1,"a""b",3', b'1,"a"b,3', b'1,a"b,3'),
                *(b'1,"2,3', b'1,2,"3', b'x"', b'",",', b'","', b'a,"b', b'c",d'),
                *(b"", b",,", b"1,2", b"1,2,3,4", b"1,\0,3", b"1,\r,3"),
                *(b"\xff,2,3", b"\xef\xbb\xbfa,b,c"),
            ]
        ),
        max_size=14,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.integers(1, 40),
)
def test_damaged_files_read_the_same_in_any_way_and_lose_nothing(
    lines: list[bytes], end: bytes, ends: bool, block_bytes: int
) -> None:
    content = end.join([b"a,b,c", *lines]) + (end if ends else b"")
    found = read(content, table())
    with line_by_line():
        assert read(content, table()) == found
    with small_blocks(block_bytes):
        assert read(content, table()) == found
    numbers = sorted([*found.rows, *found.quarantined])
    assert numbers == list(range(1, len(numbers) + 1))
    for cell in (b"x", b"\xff", b"1", b"z"):
        kept = sum(
            (value or "").encode().count(cell)
            for row in found.rows.values()
            for value in row.values()
        ) + sum(line.count(cell) for _, line in found.quarantined.values())
        assert kept == sum(line.count(cell) for line in lines)


@pytest.mark.parametrize(
    ("lines", "rows", "reasons"),
    [
        ("1,2,3\n4,5\n6,7,8\n", [1, 3], {2: "column_count"}),
        ("1,2,3\n4,5", [1], {2: "torn_line"}),
        ('1,2,3\n4,"5', [1], {2: "torn_line"}),
        ("1,2,3\n4,5,6,7\n", [1], {2: "column_count"}),
        ('1,"2,3\n4,5,6\n7,"x",9\n', [2, 3], {1: "unclosed_quote"}),
        ('1,2,"3\n4,5,6\n7,8,9\n', [2, 3], {1: "unclosed_quote"}),
        ("1,\0,3\n4,5,6\n", [2], {1: "nul_byte"}),
        ("1,2,3\n\n\r\n4,5,6\n\n", [1, 2], {}),
        ('1,5" pipe,3\n4,"5"" pipe",6\n', [1, 2], {}),
        ('1,"two\nlines",3\n4,5,6\n', [1, 2], {}),
    ],
)
def test_only_the_lines_at_fault_go_to_quarantine(
    lines: str, rows: list[int], reasons: dict[int, str]
) -> None:
    found = read(b"a,b,c\n" + lines.encode(), table())
    assert (list(found.rows), found.reasons) == (rows, reasons)


def test_undecodable_bytes_cost_their_own_lines_only() -> None:
    rows = [[f"订单{at}", "茶", "好"] for at in range(2_000)]
    lines = written(rows, "gb18030").split(b"\r\n")
    lines[700] = b"\xff\xff" + lines[700]
    lines[1200] = lines[1200] + b"\x81"
    found = read(b"\r\n".join(lines), table("编号 b c", encoding="gb18030"))
    assert found.reasons == {700: "undecodable", 1200: "undecodable"}
    assert found.quarantined[700][1] == lines[700]
    assert len(found.rows) == 1_998
    assert found.rows[2_000]["编号"] == "订单1999"


def test_a_stray_quote_far_from_any_other_costs_one_line() -> None:
    lines = [f"{at},x,y" for at in range(3 * MAX_RECORD_LINES)]
    lines[10] = '10,"x,y'
    found = read("\n".join(["a,b,c", *lines]).encode(), table())
    assert found.reasons == {11: "unclosed_quote"}
    assert len(found.rows) == len(lines) - 1


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gb18030", "utf-8"), ("gb18030", "utf-8-sig"), ("utf-8", "gb18030")],
)
def test_the_header_tells_the_encoding_when_the_contract_is_wrong(
    declared: str, encoding: str
) -> None:
    content = written([["茶", "é", "１２"]], encoding)
    found = read(content, table("编号 b c", encoding=declared))
    assert found.rows == {1: {"编号": "茶", "b": "é", "c": "１２"}}


def test_values_land_as_they_are() -> None:
    content = 'a\t,\ufeffb, c\n"1.23E+18\t", 2 ,\n'.encode()
    found = read(content, table("a c"))
    assert found.rows == {1: {"a": "1.23E+18\t", "\ufeffb": " 2 ", "c": None}}


def test_a_line_of_ten_megabytes_is_a_row() -> None:
    long = "x" * 10_000_000
    found = read(f"a,b,c\n1,{long},3\n4,5,6\n".encode(), table())
    assert found.rows[1]["b"] == long
    assert found.rows[2] == {"a": "4", "b": "5", "c": "6"}


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n\r\n", b"a,b,c", b"a,b\n"]
)
def test_files_without_rows(content: bytes) -> None:
    assert read(content, table()).rows == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"b,c\n1,2\n", "Column a is missing from 2017-01-01/tmall/orders_1.csv"),
        (b"a;b;c\n1;2;3\n", "seems separated by ';'"),
        (b"a,b,b\n1,2,3\n", "Column b comes twice in the header of 2017-01-01/tmall"),
        (b"a\rb\rc\r1\r", "line break"),
        (b'a,"b\n1,2\n', "line break"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "holds NUL bytes"),
        (b"\xff\xff,b\n1,2\n", "neither UTF-8 nor GB18030"),
        (gzip.compress(b"a,b,c\n1,2,3\n", mtime=0)[:-9], "torn or damaged gzip"),
        (gzip.compress(b"a,b,c\n1,2,3\n", mtime=0)[:-1] + b"x", "torn or damaged gzip"),
    ],
)
def test_files_that_break_the_contract_are_refused_by_name(
    content: bytes, message: str
) -> None:
    with pytest.raises(QuanyuError, match=message):
        read(content, table())


def test_gzip_reads_as_what_it_holds() -> None:
    assert read(gzip.compress(b"a,b,c\n1,2,3\n", mtime=0), table()).rows[1]["c"] == "3"
