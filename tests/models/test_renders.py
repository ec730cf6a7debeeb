"""Renders show what is there, lit by the sun where it stands, the same every time."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import shapely
import trimesh
from PIL import Image

from geoinv.errors import InputError
from geoinv.geometry.sun import SunPosition
from geoinv.models.renders import CUTAWAY, OVERVIEW, TOP, Camera, render, see_through
from geoinv.models.renders_eye import Eye, eye_in
from geoinv.models.renders_png import render_png, see_through_png, turntable_gif
from geoinv.models.solids import build_solids

pytestmark = pytest.mark.needs("embreex")


def a_scene(*boxes):
    scene = trimesh.Scene()
    for number, (low, high) in enumerate(boxes):
        mesh = trimesh.creation.box(bounds=(low, high))
        mesh.metadata.update(status="contested", kind="storey")
        scene.add_geometry(mesh, node_name=f"p{number}", geom_name=f"p{number}")
    return scene


def lightness(picture):
    return picture.astype(float).mean(axis=2)


def test_a_shadow_is_as_long_and_lies_as_the_sun_says():
    # A post 10 m high, sun in the west-south-west 45° up: a shadow of 10 m towards the east-north-east.
    post, far = ((-0.5, -0.5, 0), (0.5, 0.5, 10)), ((-25, -25, 0), (-24, -24, 0.1))
    other = ((24, 24, 0), (25, 25, 0.1))
    picture = lightness(render(a_scene(post, far, other), TOP, sun=SunPosition(250.0, 45.0), width=330, height=330))
    scale = 1.10 * 50 / 330  # metres a pixel; the middle of the picture is the post's

    def at(along, across=0.0):
        way = math.radians(250.0 - 180.0)
        east = along * math.sin(way) + across * math.cos(way)
        north = along * math.cos(way) - across * math.sin(way)
        return picture[round(165 - north / scale), round(165 + east / scale)]

    assert at(9.0) < 0.85 * at(11.5)
    assert at(4.0) < 0.85 * at(4.0, across=3.0)
    assert at(-4.0) == pytest.approx(at(11.5), abs=4)


def test_north_is_up_from_above_and_parts_keep_their_proportions():
    picture = render(a_scene(((0, 0, 0), (20, 10, 3)), ((0, 18, 0), (2, 20, 3))), TOP, width=220, height=220)
    scale = 1.10 * 20 / 220
    roof = picture[110 - round(-5 / scale), 110].astype(float)
    small = picture[110 - round(9 / scale), 110 - round(9 / scale)].astype(float)
    ground = picture[110 - round(9 / scale), 110 + round(5 / scale)].astype(float)
    assert np.abs(roof - small).max() < 6 < np.abs(roof - ground).max()


def test_an_inner_corner_gets_less_of_the_sky_than_the_open():
    court = [((-6, -6, 0), (-5, 6, 6)), ((5, -6, 0), (6, 6, 6)), ((-5, -6, 0), (5, -5, 6)), ((-5, 5, 0), (5, 6, 6))]
    night = SunPosition(0.0, -20.0)
    picture = lightness(render(a_scene(*court, ((19, 19, 0), (20, 20, 0.1))), TOP, sun=night, width=260, height=260))
    scale = 1.10 * 26 / 260
    row, column = round(130 - (-4.6 - 7) / scale), round(130 + (-4.6 - 7) / scale)
    assert picture[row, column] < 0.8 * picture[round(130 - (12 - 7) / scale), round(130 + (2 - 7) / scale)]


def test_a_cutaway_shows_the_rooms_and_cuts_walls_black(blueprint):
    scene = build_solids(blueprint)
    block = (-15.0, -9.0, 11.0, 9.0)
    above = render(scene, Camera(180, 90), width=300, height=210, within=block)
    inside = render(scene, Camera(180, 90, cut_m=1.5), width=300, height=210, within=block)
    dark = lightness(inside) < 70
    assert dark.mean() > 0.03 and dark.mean() > 2 * (lightness(above) < 70).mean()
    scale = 1.10 * 26 / 300
    cell = inside[round(105 - 5.8 / scale), round(150 + (-12.5 + 2) / scale)].astype(int)
    assert cell[2] > cell[0] + 15  # a corroborated cell's floor is blue


def test_bands_leave_no_seams_and_the_picture_is_the_same_twice(blueprint, monkeypatch):
    scene = build_solids(blueprint)
    whole = render(scene, OVERVIEW, width=180, height=120)
    assert np.array_equal(whole, render(scene, OVERVIEW, width=180, height=120))
    monkeypatch.setattr("geoinv.models.renders._BAND", 16)
    assert np.array_equal(whole, render(scene, OVERVIEW, width=180, height=120))


def test_a_png_says_it_is_fictional_and_is_the_same_twice(blueprint):
    scene = build_solids(blueprint)
    data = render_png(scene, CUTAWAY, width=300, height=220)
    assert data == render_png(scene, CUTAWAY, width=300, height=220)
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert picture.shape == (220, 300, 3)
    red = (picture[..., 0] > 120) & (picture[..., 1] < 80) & (picture[..., 2] < 80)
    assert red[:15].sum() > 20
    scene.metadata["fictional"] = False
    plain = np.asarray(Image.open(io.BytesIO(render_png(scene, CUTAWAY, width=300, height=220))).convert("RGB")).astype(
        int
    )
    assert not ((plain[..., 0] > 120) & (plain[..., 1] < 80) & (plain[..., 2] < 80))[:15].any()


def test_nothing_to_show_is_still_a_picture():
    assert render(trimesh.Scene(), width=60, height=40).shape == (40, 60, 3)


def test_eyes_see_things_where_and_as_large_as_perspective_says():
    # A cube of 2 m, its near face 10 m north of the eyes and level with them; the picture is 90° wide.
    scene = a_scene(((-1, 10, 0), (1, 12, 2)))
    picture = render(scene, Eye((0.0, 0.0, 1.0), azimuth=0.0, field=90.0), width=400, height=300)
    hue = picture.astype(int)
    cube = (hue[..., 0] - hue[..., 1]) > 12  # contested parts are red
    rows, columns = np.flatnonzero(cube.any(axis=1)), np.flatnonzero(cube.any(axis=0))
    # Ten metres away 1 m is a tenth of half the width, 20 pixels.
    assert abs(columns[0] - 180) <= 2 and abs(columns[-1] - 219) <= 2
    assert abs(rows[0] - 130) <= 2 and abs(rows[-1] - 169) <= 2
    away = render(scene, Eye((0.0, 0.0, 1.0), azimuth=180.0, field=90.0), width=200, height=150).astype(int)
    assert not ((away[..., 0] - away[..., 1]) > 12).any()
    assert (away[10] == away[10, 0]).all()  # nothing but sky


def test_somebody_standing_in_a_corridor_looks_along_it():
    eye = eye_in(shapely.box(0, 0, 20, 2))
    assert 0.5 < eye.at[1] < 1.5 and eye.at[2] == 1.6
    assert eye.azimuth in (90.0, 270.0)
    assert (eye.at[0] < 6) == (eye.azimuth == 90.0)
    tight = eye_in(shapely.box(0, 0, 0.5, 0.5), floor_m=3.0)
    assert tight.at[2] == pytest.approx(4.6)
    with pytest.raises(InputError, match="floor"):
        eye_in(shapely.Polygon())


def test_a_room_is_lit_by_ones_own_lamp_though_the_roof_is_on(blueprint):
    hall = next(room for room in blueprint.buildings[0].storeys[0].rooms if room.role == "corridor")
    picture = lightness(render(build_solids(blueprint), eye_in(hall.polygon), width=150, height=100))
    assert picture[60:, 60:90].max() > 60


def test_seen_through_a_roof_the_rooms_below_have_their_colours(blueprint):
    scene = build_solids(blueprint)
    block = (-15.0, -9.0, 11.0, 9.0)
    over = render(scene, TOP, width=300, height=210, within=block).astype(int)
    through = see_through(scene, TOP, width=300, height=210, within=block).astype(int)
    row, column = round(105 - 5.8 / (1.10 * 26 / 300)), round(150 + (-12.5 + 2) / (1.10 * 26 / 300))
    blue = through[row, column, 2] - through[row, column, 0]
    assert blue > 8 and blue > over[row, column, 2] - over[row, column, 0] + 5
    data = see_through_png(scene, width=300, height=220)
    assert Image.open(io.BytesIO(data)).size == (300, 220)


def test_a_turntable_goes_round_once_and_is_the_same_twice():
    scene = a_scene(((0, 0, 0), (6, 2, 3)))
    scene.metadata["fictional"] = True
    data = turntable_gif(scene, frames=4, width=90, height=60)
    assert data == turntable_gif(scene, frames=4, width=90, height=60)
    film = Image.open(io.BytesIO(data))
    assert film.n_frames == 4 and film.size == (90, 60)
    shown = []
    for number in range(4):
        film.seek(number)
        shown.append(np.asarray(film.convert("RGB")).astype(int))
    assert all(np.abs(a - b).max() > 30 for a, b in zip(shown, shown[1:], strict=False))
