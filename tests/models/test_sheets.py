"""Sheets are to scale, readable, honest about what they know, and the same every time."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdfium2
import pytest
import shapely
from PIL import Image

from geoinv.errors import InputError
from geoinv.models.formats import FORMATS, model_files
from geoinv.models.sheet_words import WORDS
from geoinv.models.sheets import plan_sheet, sheet_pdf, sheet_png, site_sheet
from geoinv.models.sheets_building import axonometric_sheet, views_sheet
from geoinv.models.sheets_fonts import text_width
from geoinv.models.sheets_frame import SCALES, choose_layout
from geoinv.models.sheets_plan import area_words, section_lines, size_words
from geoinv.models.sheets_site import Ground, site_bounds
from geoinv.models.sheets_svg import STROKES
from geoinv.records.evidence import Status

S = Status.CONJECTURAL
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def sheets(blueprint):
    made = {"site": site_sheet(blueprint), "site ko": site_sheet(blueprint, lang="ko")}
    for paper in ("A4", "A3"):
        made[f"site {paper}"] = site_sheet(blueprint, paper=paper)
        made[f"plan {paper}"] = plan_sheet(blueprint, "block", paper=paper)
        made[f"plan ko {paper}"] = plan_sheet(blueprint, "block", paper=paper, lang="ko")
    made["shed"] = plan_sheet(blueprint, "shed", page=(2, 3))
    made["site A2"] = site_sheet(blueprint, paper="A2")
    for name in ("block", "shed"):
        made[f"views {name}"] = views_sheet(blueprint, name)
        made[f"axonometric {name}"] = axonometric_sheet(blueprint, name)
    made["views ko A4"] = views_sheet(blueprint, "block", paper="A4", lang="ko")
    made["axonometric ko"] = axonometric_sheet(blueprint, "block", lang="ko")
    return made


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg):
    """Every text's box in mm, worked out from the SVG alone."""
    found = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        x, y, size = (float(element.get(name)) for name in ("x", "y", "font-size"))
        wide = text_width(element.text, size, bold=element.get("font-weight") == "700")
        left = x - wide * {None: 0, "middle": 0.5, "end": 1}[element.get("text-anchor")]
        box = shapely.box(left, y - 0.72 * size, left + wide, y + 0.2 * size)
        if element.get("transform"):
            angle = float(re.match(r"rotate\(([-\d.]+)", element.get("transform"))[1])
            box = shapely.affinity.rotate(box, angle, origin=(x, y))
        found.append((element.text, box))
    return found


def test_no_text_covers_another_or_leaves_the_paper(sheets):
    for name, svg in sheets.items():
        root = ET.fromstring(svg)
        page = shapely.box(0, 0, *(float(v) for v in root.get("viewBox").split()[2:])).buffer(-10.2)
        placed = boxes(svg)
        for index, (words, box) in enumerate(placed):
            assert page.contains(box), (name, words)
            for other, under in placed[index + 1 :]:
                assert box.intersection(under).area < 1e-6, (name, words, other)


def test_a_bar_of_fifty_millimetres_measures_fifty_in_the_pdf(sheets):
    for name in ("site", "plan A3", "plan A4"):
        page = pypdfium2.PdfDocument(sheet_pdf(sheets[name]))[0]
        bars = []
        for thing in page.get_objects(filter=[2]):  # paths
            left, bottom, right, top = (value / 72 * 25.4 for value in thing.get_bounds())
            if abs(top - bottom - 1.6) < 0.01 and right - left > 20:
                bars.append(right - left)
        assert len(bars) == 1 and bars[0] == pytest.approx(50.0, abs=0.01)


def test_a_page_is_exactly_its_paper(sheets):
    for name, size in (("plan A4", (297, 210)), ("plan A3", (420, 297)), ("site A2", (594, 420))):
        page = pypdfium2.PdfDocument(sheet_pdf(sheets[name]))[0]
        assert [value / 72 * 25.4 for value in page.get_size()] == pytest.approx(size, abs=0.001)


def test_the_drawing_is_at_the_scale_it_prints(blueprint, sheets):
    for name, svg in sheets.items():
        scale = int(re.search(r"1:(\d+)", " ".join(texts(svg)))[1])
        assert scale in SCALES
        assert f"0 … {50 * scale / 1000:g} m" in texts(svg)
        if name.startswith("plan"):
            outline = blueprint.buildings[0].outline
            wanted = (24000 / scale, 16000 / scale)
            paths = [path.get("d") for path in ET.fromstring(svg).iter(f"{SVG}path") if path.get("fill") == "none"]
            sizes = []
            for path in paths:
                points = [tuple(map(float, pair.split())) for pair in re.findall(r"[-\d.]+ [-\d.]+", path)]
                if len(points) == len(outline.exterior.coords) - 1:
                    xs, ys = zip(*points, strict=True)
                    sizes.append((max(xs) - min(xs), max(ys) - min(ys)))
            assert any(size == pytest.approx(wanted, abs=0.002) for size in sizes), name


def test_every_room_is_drawn_in_the_line_of_its_status(blueprint, sheets):
    root = ET.fromstring(sheets["plan A3"])
    white = [path for path in root.iter(f"{SVG}path") if path.get("fill") == "#ffffff" and path.get("stroke-width")]
    drawn = sorted((path.get("stroke-dasharray") or "", path.get("stroke")) for path in white)
    rooms = [room for room in blueprint.buildings[0].storeys[0].rooms if room.hypothesis != "B"]
    for room in rooms:
        stroke = STROKES[room.status]
        assert (" ".join(f"{dash:g}" for dash in stroke.dashes), stroke.colour) in drawn
    styles = {(stroke.width, stroke.dashes, stroke.marked, stroke.colour) for stroke in STROKES.values()}
    assert len(styles) == len(Status)
    grey = {(stroke.width, stroke.dashes, stroke.marked) for stroke in STROKES.values()}
    assert len(grey) == len(Status)  # told apart without colour


def test_rooms_have_names_areas_and_errors(sheets):
    said = texts(sheets["plan A3"])
    assert "1  Cell 1" in said and "7.9–9.6 m²" in said
    assert "≈ 15.6 m²" in said  # nothing is known of this one's error, and it does not pretend
    assert sum(line == "corroborated" for line in said) == 4
    assert any(line.startswith("– what the south room of the wing was for") for line in said)


def test_small_rooms_are_numbered_at_least(blueprint):
    said = texts(plan_sheet(blueprint, "block", paper="A4"))
    drawing = said[: said.index("Scale 1:200")]
    for number in range(1, 15):
        assert sum(line == str(number) or line.startswith(f"{number}  ") for line in drawing) == 1


def test_the_footer_says_what_it_is_and_what_it_is_not(blueprint, sheets):
    said = " ".join(texts(sheets["site"]))
    for words in ("Not a survey", "WGS 84", "-150.500000°", "model ", "geoinv ", "FICTIONAL", "true north"):
        assert words in said
    withheld = " ".join(texts(site_sheet(blueprint, crs="place withheld")))
    assert "150.5" not in withheld and "place withheld" in withheld
    real = blueprint.model_copy(update={"fictional": False})
    assert "FICTIONAL" not in site_sheet(real)


def test_korean_sheets_are_korean_to_the_last_word(sheets):
    said = " ".join(texts(sheets["plan ko A3"]))
    assert "가상" in said and "축척 1:" in said and "교차 확인" in said
    assert "Not a survey" not in said and "corroborated" not in said
    assert set(WORDS["ko"]) == set(WORDS["en"])
    pdf = pypdfium2.PdfDocument(sheet_pdf(sheets["plan ko A3"]))[0].get_textpage().get_text_range()
    assert "측량 도면이 아님" in pdf


def test_an_unknown_inside_is_said_to_be_unknown(sheets):
    assert "interior not known" in texts(sheets["shed"])


def test_a_grid_that_is_not_true_north_shows_both(blueprint):
    turned = blueprint.model_copy(update={"convergence_deg": 2.5})
    assert any(line.startswith("grid north") for line in texts(site_sheet(turned)))


def test_scales_are_the_largest_standard_ones_that_fit():
    for size in (5, 12, 24, 60, 130, 400, 3000, 90000):
        layout = choose_layout((0, 0, size, size / 2), "A3")
        wide = layout.area[2] - layout.area[0]
        assert layout.mm(size) <= wide
        smaller = [scale for scale in SCALES if scale < layout.scale]
        if smaller and layout.scale in SCALES:
            too_large = max(size * 1000 / (wide - 24), size * 500 / (layout.area[3] - layout.area[1] - 33))
            assert too_large > smaller[-1]


def test_same_blueprint_same_bytes(blueprint, sheets):
    assert site_sheet(blueprint) == sheets["site"]
    pdf = sheet_pdf(sheets["site"])
    assert pdf == sheet_pdf(sheets["site"])
    assert b"CreationDate" not in pdf
    assert sheet_png(sheets["site"], 60) == sheet_png(sheets["site"], 60)


def test_a_png_has_the_size_its_resolution_says(sheets):
    picture = Image.open(io.BytesIO(sheet_png(sheets["plan A4"], 100)))
    assert picture.size == (round(297 / 25.4 * 100), round(210 / 25.4 * 100))


def test_what_cannot_be_drawn_is_refused_in_words(blueprint):
    with pytest.raises(InputError, match="no building"):
        plan_sheet(blueprint, "nowhere")
    with pytest.raises(InputError, match="storeys"):
        plan_sheet(blueprint, "block", storey=3)
    with pytest.raises(InputError, match="no building"):
        views_sheet(blueprint, "nowhere")
    with pytest.raises(InputError, match="no building"):
        axonometric_sheet(blueprint, "nowhere")
    with pytest.raises(InputError, match="no sheet"):
        sheet_pdf()
    with pytest.raises(InputError, match="paper"):
        site_sheet(blueprint, paper="A0")
    with pytest.raises(InputError, match="words"):
        site_sheet(blueprint, lang="xx")
    with pytest.raises(InputError, match="millimetres"):
        sheet_pdf("<svg/>")
    with pytest.raises(InputError, match="typeset"):
        sheet_pdf('<svg width="10mm" height="10mm"><broken')
    with pytest.raises(InputError, match="written as"):
        model_files(blueprint, ["dwg"])


def test_an_empty_site_is_still_a_sheet(blueprint):
    empty = blueprint.model_copy(update={"buildings": (), "site": type(blueprint.site)(), "contradictions": ()})
    assert "Site plan" in texts(site_sheet(empty))


def test_every_format_writes_files_below_the_models_folder(blueprint):
    files = model_files(blueprint, ["glb", "svg", "pdf"])
    assert sorted(files) == [
        "model-B.glb",
        "model.glb",
        "rivals.json",
        "sheets/all.pdf",
        "sheets/axonometric-block.svg",
        "sheets/block.svg",
        "sheets/site.svg",
        "sheets/views-block.svg",
    ]
    pages = pypdfium2.PdfDocument(files["sheets/all.pdf"])
    said = [page.get_textpage().get_text_range() for page in pages]
    assert [f"sheet {number} of 4" in words for number, words in enumerate(said, start=1)] == [True] * 4
    assert len(pages) == 4
    assert set(FORMATS) >= {"glb", "svg", "pdf", "png"}


def test_views_show_both_sections_four_sides_and_every_height_with_its_error(sheets):
    words = texts(sheets["views block"])
    for name in (
        "Section A–A",
        "Section B–B",
        "North elevation",
        "East elevation",
        "South elevation",
        "West elevation",
    ):
        assert words.count(name) == 1, name
    assert "2.80 ± 0.30" in words and "≈ 3.00" in words  # the ceiling as attested, the roof's top as assumed


def test_sections_on_the_sheet_are_as_high_and_as_wide_as_the_building(blueprint, sheets):
    svg = sheets["views block"]
    scale = int(re.search(r"1:(\d+)", " ".join(texts(svg)))[1])
    ground = [
        [tuple(map(float, pair.split())) for pair in re.findall(r"[-\d.]+ [-\d.]+", path.get("d"))]
        for path in ET.fromstring(svg).iter(f"{SVG}path")
        if path.get("stroke-width") == "0.7"
    ]
    # The ground line goes 4 mm beyond a view on either side; the roof of the block ends at its walls.
    wide = sorted((line[1][0] - line[0][0] - 8) * scale / 1000 for line in ground)
    assert wide == pytest.approx([16.0] * 3 + [24.0] * 3, abs=0.02)


def test_the_plan_marks_where_its_sections_are(sheets):
    words = texts(sheets["plan A3"])
    assert words.count("A") == words.count("B") == 2


def test_a_plans_section_goes_through_rooms_and_not_along_the_corridor(blueprint):
    block = blueprint.buildings[0]
    rooms = [room for room in block.storeys[0].rooms if room.hypothesis != "B"]
    along, across = section_lines(block, rooms)
    cells = [room for room in rooms if room.role == "cell"]
    assert sum(shapely.LineString(along).intersects(room.polygon) for room in cells) == 6
    assert np.dot(along[1] - along[0], across[1] - across[0]) == pytest.approx(0.0, abs=1e-9)


def test_an_axonometric_can_be_measured(blueprint, sheets):
    svg = sheets["axonometric block"]
    scale = int(re.search(r"1:(\d+)", " ".join(texts(svg)))[1])
    # The long outer wall's cut face: 24 m of plan, turned but not shortened.
    reach = 0.0
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        if path.get("fill", "").startswith("url(#cut"):
            points = np.array([tuple(map(float, p.split())) for p in re.findall(r"[-\d.]+ [-\d.]+", path.get("d"))])
            sides = np.hypot(*np.diff(points, axis=0).T)
            reach = max(reach, float(sides.max()))
    assert reach * scale / 1000 == pytest.approx(24.0, abs=0.01)


def test_the_table_of_rooms_has_width_and_depth_with_their_error(blueprint, sheets):
    assert "≈ 2.3 × 3.8" in texts(sheets["plan A3"])
    room = blueprint.buildings[0].storeys[0].rooms[0].model_copy(update={"strain_m": 0.42})
    assert size_words(room) == "2.3 × 3.8 ± 0.4"


def test_a_site_plan_over_a_scene_has_every_pixel_in_its_place(blueprint):
    # White but for one dark pixel of 2 m whose corner is the block's south-west one.
    pixels = np.full((60, 60, 3), 255, np.uint8)
    pixels[30, 23] = 0
    svg = site_sheet(blueprint, paper="A3", ground=Ground(pixels, -60.0, 59.0, 2.0, "made.tif, 2017"))
    assert "over made.tif, 2017" in texts(svg)
    picture = np.asarray(Image.open(io.BytesIO(sheet_png(svg, 150))).convert("L")).astype(int)
    scale = int(re.search(r"1:(\d+)", " ".join(texts(svg)))[1])
    layout = choose_layout(site_bounds(blueprint), "A3")
    assert layout.scale == scale

    def at(east, north):
        x, y = layout.point((east, north)) / 25.4 * 150
        return picture[round(y), round(x)]

    assert at(-13.4, -1.7) < 190 and at(-12.6, -2.3) < 190  # within the pixel
    assert at(-13.0, -5.0) > 240 and at(-9.4, -2.0) > 240  # south and east of it, beyond where pixels are blended
    assert site_sheet(blueprint, ground=Ground(pixels, 900.0, 900.0, 2.0, "far")).count("<image") == 0


def test_a_scene_with_a_long_name_stays_within_the_column(blueprint):
    said = "a-place-with-a-long-name-2017.tif, 2017-10-03, a provider who asks to be named at some length, all rights"
    svg = site_sheet(blueprint, paper="A3", ground=Ground(np.zeros((9, 9, 3), np.uint8), 0.0, 9.0, 1.0, said))
    words = " ".join(words for words, box in boxes(svg) if shapely.box(0, 0, 420, 297).buffer(-10.2).contains(box))
    assert "all rights" in words


def test_what_is_assumed_of_several_parts_alike_is_said_once(blueprint):
    towers = blueprint.site.towers
    unknown = towers[0].evidence | {"height_m": towers[0].evidence["height_m"].model_copy(update={"status": S})}
    many = tuple(towers[0].model_copy(update={"id": f"p{k}", "evidence": unknown}) for k in range(3))
    site = blueprint.site.model_copy(update={"towers": many})
    assert "– Post: height (× 3)" in texts(site_sheet(blueprint.model_copy(update={"site": site})))


def test_no_floor_is_said_to_be_smaller_than_nothing(blueprint):
    room = blueprint.buildings[0].storeys[0].rooms[0].model_copy(update={"strain_m": 9.0, "evidence": {}})
    least, most = (float(value) for value in area_words(room).split("–"))
    assert 0 < least < room.polygon.area < most
