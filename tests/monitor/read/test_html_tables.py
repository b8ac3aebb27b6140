"""Tables of HTML pages: a rectangle with its heads found, its spans resolved and its values kept apart."""

from __future__ import annotations

from domain.documents import BlockKind, Cell, Table
from tests.monitor.read.pages import html


def table(rows: str) -> Table:
    (found,) = html(f"<h2>Fees</h2><table>{rows}</table>").tables
    return found


def words(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


def test_heads_caption_and_rows_are_told_apart() -> None:
    document = html(
        "<h2>Fees</h2><table><caption>Fees by <b>season</b></caption><thead><tr><th>Season<th>Fee</thead>"
        "<tbody><tr><th>Winter<td>$40<tr><th>Summer<td>$60</table>"
    )
    (found,) = document.tables

    assert (found.caption, found.columns, found.path) == ("Fees by season", ("Season", "Fee"), ("Berths", "Fees"))
    assert words(found) == [["Winter", "$40"], ["Summer", "$60"]]
    assert [[cell.header for cell in row] for row in found.rows] == [[True, False]] * 2
    rows = [block for block in document.blocks if block.kind is BlockKind.ROW]
    assert [block.text for block in rows] == ["Season | Fee", "Winter | $40", "Summer | $60"]
    assert [block.locator for block in rows[1:]] == list(found.row_locators)
    assert {block.table for block in rows} == {0}


def test_a_cell_that_spans_stands_in_every_place_it_covers() -> None:
    found = table(
        "<tr><th rowspan=2>Pier<th colspan=2>Season</tr><tr><th>Winter<th>Summer</tr>"
        "<tr><td rowspan=3>North<td>$1<td>$2</tr><tr><td colspan=2>closed</tr><tr><td>$5<td>$6</tr><tr><td>South<td>$3<td>$4</tr>"
    )

    assert found.columns == ("Pier", "Season Winter", "Season Summer")
    assert words(found) == [
        ["North", "$1", "$2"],
        ["North", "closed", "closed"],
        ["North", "$5", "$6"],
        ["South", "$3", "$4"],
    ]


def test_spans_that_are_no_numbers_and_rows_that_are_short_do_not_shift_a_value() -> None:
    found = table(
        "<tr><th>A<th>B<th>C</tr><tr><td rowspan=0>a<td colspan=-2>b<td colspan=² rowspan=x>c</tr><tr><td>d</tr>"
    )

    assert words(found) == [["a", "b", "c"], ["d", "", ""]]


def test_values_divided_in_a_cell_stay_apart_and_marks_leave_them() -> None:
    found = table(
        "<tr><th>Boat<th>Fee</tr><tr><td>Barge<br>Tug<td><p>$40*</p><p>$50<sup><a href='#fn2'>2</a></sup></p></tr>"
        "<tr><td><ul><li>Ferry<li>Raft</ul><td>$60 †</tr>"
    )

    assert found.rows == (
        (
            Cell(text="Barge Tug", parts=("Barge", "Tug")),
            Cell(text="$40 $50", parts=("$40", "$50"), marks=("2", "*")),
        ),
        (Cell(text="Ferry Raft", parts=("Ferry", "Raft")), Cell(text="$60", parts=("$60",), marks=("†",))),
    )


def test_a_first_row_of_words_above_figures_is_a_head_and_one_of_figures_is_not() -> None:
    assert table("<tr><td>Season<td>Fee</tr><tr><td>Winter<td>$40</tr>").columns == ("Season", "Fee")
    assert table("<tr><td>Winter<td>$40</tr><tr><td>Summer<td>$60</tr>").columns == ("", "")
    assert table("<tr><td>Winter<td>open</tr><tr><td>Summer<td>shut</tr>").columns == ("", "")


def test_a_hidden_row_or_cell_is_not_read() -> None:
    found = table("<tr><th>A<th>B</tr><tr hidden><td>x<td>y</tr><tr><td>1<td hidden>z<td>2</tr>")

    assert words(found) == [["1", "2"]]


def test_a_table_that_only_lays_out_is_read_as_what_it_holds() -> None:
    for layout in (
        "<table role=presentation><tr><td><p>a<td><p>b</table>",
        "<table><tr><td><h2>a</h2><td><p>b</table>",
    ):
        document = html(layout)
        assert document.tables == ()
        assert [block.text for block in document.blocks[-2:]] == ["a", "b"]


def test_tables_of_sections_with_the_same_name_have_locators_of_their_own() -> None:
    section = "<h2>{}</h2><h3>Fees</h3><h4>Late</h4><table><tr><th>A<th>B<tr><td>1<td>2</table>"
    first, second = html(section.format("Boats") + section.format("Piers")).tables

    assert (first.locator, second.locator) == ("Fees > Late > table 1", "Fees > Late > table 2")
