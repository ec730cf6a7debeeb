"""Renders show what is there, lit by the sun where it stands, the same every time."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
import trimesh
from PIL import Image

from geoinv.geometry.sun import SunPosition
from geoinv.models.renders import CUTAWAY, OVERVIEW, TOP, Camera, render
from geoinv.models.renders_png import render_png
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
