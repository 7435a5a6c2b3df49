"""The plot of the benchmarks: valid SVG with every line and point where it belongs."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from benchmarks.plot import Line, plot

SVG = "{http://www.w3.org/2000/svg}"


def test_every_line_is_there_with_its_points() -> None:
    lines = [Line("flat & <low>", [(1e4, 2.0), (1e6, 2.0)]), Line("grows", [(1e4, 1.0), (1e6, 90)])]
    root = ET.fromstring(plot(lines, "rows", "milliseconds"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"flat & <low>", "grows", "rows", "milliseconds", "10,000", "1,000,000"} <= {*texts}
    flat, grows = (
        [tuple(map(float, point.split(","))) for point in element.attrib["points"].split()]
        for element in root.iter(f"{SVG}polyline")
    )
    assert flat[0][1] == flat[1][1]
    assert grows[0][1] > flat[0][1]  # further down: y counts from the top
    assert grows[1][1] < flat[1][1]
    assert flat[0][0] == grows[0][0] < flat[1][0] == grows[1][0]


def test_one_size_and_one_value_can_be_plotted() -> None:
    root = ET.fromstring(plot([Line("one", [(1000, 1.0)])], "rows", "ms"))
    assert len(list(root.iter(f"{SVG}circle"))) == 1
