"""The pieces of matching keep their promises: bending, looks, pairs, and a person's word."""

from __future__ import annotations

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.facilities.match import match, problem_of
from geoinv.facilities.match_agreed import agreed, expected_best
from geoinv.facilities.match_bend import AFFINE, LOCAL, OWN, REACH, bend
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_kinds import Spreads, kinds, named
from geoinv.facilities.match_parts import PARTS, parts
from geoinv.facilities.match_placed import best_pairs, hypotheses_of
from geoinv.facilities.match_rank import Joint, Pool, joint_placements, probabilities
from geoinv.facilities.match_ranker import SIGNS, Present, ranker
from geoinv.facilities.match_settle import pair_shares, settle
from geoinv.facilities.match_traits import TRAITS, traits
from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement, Tie
from geoinv.records.placements import Anchor
from geoinv.records.places import Frame

FRAME = Frame(lon=-30.0, lat=10.0)


def _block(x: float, y: float, width: float, height: float, turn: float = 0.0) -> Polygon:
    return affinity.translate(affinity.rotate(box(0, 0, width, height), turn, origin="center"), x, y)


def _table(shapes, **columns) -> gpd.GeoDataFrame:
    rows = {"id": [f"c{k}" for k in range(len(shapes))], "existence": 0.9, **columns}
    return gpd.GeoDataFrame(rows, geometry=[to_lonlat(FRAME, shape) for shape in shapes], crs="EPSG:4326")


def _sketch(shapes, roles=None, labels=None, turn: float = 70.0) -> Sketch:
    def paper(shape):
        return affinity.scale(affinity.rotate(shape, turn, origin=(0, 0)), 3.0, 3.0, origin=(0, 0))

    elements = tuple(
        SketchElement(
            id=f"b{k}",
            geometry=paper(shape),
            role=(roles or {}).get(k, "building"),
            label=(labels or {}).get(k),
        )
        for k, shape in enumerate(shapes)
    )
    return Sketch(name="plan.geojson", elements=elements)


def _strewn(count: int, seed: int = 5) -> list[Polygon]:
    rng = np.random.default_rng(seed)
    return [
        _block(*rng.uniform(-70, 70, 2), rng.uniform(8, 26), rng.uniform(6, 12), rng.uniform(0, 180))
        for _ in range(count)
    ]


def test_a_prediction_without_a_point_is_the_fit_to_the_others():
    rng = np.random.default_rng(1)
    unit = rng.normal(size=8) + 1j * rng.normal(size=8)
    target = (40.0 * unit * np.exp(0.7j) + 5 + 3j + rng.normal(0, 3, 8))[None]
    found = bend(unit, target, np.ones((1, 8)), np.array([40.0]))
    # By hand: universal Kriging of point 3 from the other seven.
    rest = np.arange(8) != 3
    own = OWN**2 * np.eye(7)
    shared = AFFINE**2 * (unit[:, None] * unit[None].conj()).real
    shared += LOCAL**2 * np.exp(-(np.abs(unit[:, None] - unit[None]) ** 2) / (2 * REACH**2))
    inverse = np.linalg.inv(shared[np.ix_(rest, rest)] + own)
    basis = np.column_stack([unit, np.ones(8)])
    trend = np.linalg.solve(
        basis[rest].conj().T @ inverse @ basis[rest], basis[rest].conj().T @ inverse @ target[0, rest]
    )
    by_hand = basis[3] @ trend + shared[3, rest] @ inverse @ (target[0, rest] - basis[rest] @ trend)
    assert found.mean[0, 3] == pytest.approx(by_hand, abs=1e-6)


def test_an_exact_similarity_is_found_exactly():
    unit = np.array([1.0, 1j, -1.0, 0.5 - 0.8j, 0.2j])
    found = bend(unit, (30.0 * np.exp(1.1j) * unit + 7 - 2j)[None], np.ones((1, 5)), np.array([30.0]))
    assert found.factor[0] == pytest.approx(30.0 * np.exp(1.1j))
    assert found.middle[0] == pytest.approx(7 - 2j)
    assert found.strain[0] == pytest.approx(0.0, abs=1e-12)


def test_everything_has_one_partner_or_none():
    rng = np.random.default_rng(2)
    odds, near = rng.normal(0, 3, (4, 6, 5)), np.stack([[rng.permutation(9)[:5] for _ in range(6)] for _ in range(4)])
    share = pair_shares(odds, near, 9)
    assert (share.sum(axis=2) <= 1.0).all()
    for k in range(4):
        assert (np.bincount(near[k].ravel(), share[k].ravel(), 9) <= 1.0 + 1e-9).all()
        pairs = best_pairs(odds[k], near[k])
        assert len(set(pairs[pairs >= 0])) == (pairs >= 0).sum()


def test_the_best_pairs_are_the_best_of_all_ways():
    odds = np.array([[3.0, 2.5], [2.9, -4.0]])
    assert best_pairs(odds, np.array([[4, 7], [4, 7]])).tolist() == [7, 4]
    assert best_pairs(np.array([[-3.0]]), np.array([[2]])).tolist() == [-1]


def test_a_rare_name_says_more_than_a_common_one():
    shapes = _strewn(10)
    ground = ground_of(_table(shapes, label=["tower"] * 5 + ["kitchen"] + [None] * 4), FRAME)
    problem = problem_of(_sketch(shapes[:2], labels={0: "tower", 1: "kitchen"}), ground, FRAME)
    odds = named(problem.drawn, ground)
    assert odds[1, 5] > odds[0, 0] > 0 > odds[0, 5]


def test_what_all_candidates_are_like_says_little():
    same = [_block(30 * k, 0, 20, 8) for k in range(8)]
    odd = [*same[:7], _block(210, 0, 40, 20)]
    size = {}
    for name, shapes in (("same", same), ("odd", odd)):
        problem = problem_of(_sketch(shapes[-1:]), ground_of(_table(shapes), FRAME), FRAME)
        seen = kinds(problem, np.array(1 / 3), np.array(-1.22), Spreads.usual(1), np.array([[0]]), np.array([[7]]))
        size[name] = float(seen.size[0, 0, 0])
    assert size["odd"] > size["same"] + 0.5


def test_a_careful_drawing_is_held_to_its_care():
    shapes = _strewn(14)
    ground = ground_of(_table(shapes), FRAME)
    spreads = []
    for wrong in (0.0, 0.35):
        rng = np.random.default_rng(3)
        drawn = [affinity.scale(one, *np.exp(rng.normal(0, wrong, 2))) for one in shapes]
        problem = problem_of(_sketch(drawn), ground, FRAME)
        true = np.exp(np.radians(-70.0) * 1j) / 3.0
        spreads.append(float(settle(problem, np.array([true]), np.zeros(1, complex)).spreads.size[0, 0, 0]))
    assert spreads[0] < spreads[1]


def test_the_committed_weights_are_of_these_traits():
    shapes = _strewn(9)
    problem = problem_of(_sketch(shapes), ground_of(_table(shapes), FRAME), FRAME)
    settled = settle(problem, np.array([np.exp(np.radians(-70.0) * 1j) / 3.0, 1.0]), np.zeros(2, complex))
    found = traits(problem, settled)
    assert found.shape == (2, len(TRAITS)) and np.isfinite(found).all()
    pieces = parts(problem, settled)
    for name, (rows, owner) in pieces.items():
        assert rows.shape == (len(owner), len(PARTS[name])) and np.isfinite(rows).all()
        assert set(owner.tolist()) <= {0, 1}
    for kind in ("shapes", "points"):
        right, wrong = ranker(kind).score(found, pieces)
        assert right > wrong


def _lying(*places: complex) -> tuple[np.ndarray, np.ndarray]:
    """Where placements put two drawn things, and how large they are."""
    return np.array([[place, place + 10.0] for place in places]), np.full(len(places), 10.0)


def test_placements_that_agree_outweigh_a_heavier_one_alone():
    mean, radius = _lying(0.0, 500.0, 501.0, 500.0 + 1j)
    near = np.array([[[0], [1]], [[2], [3]], [[2], [4]], [[2], [4]]])
    joined = agreed(mean, radius, near, np.full((4, 2, 1), 0.9), np.log([0.4, 0.22, 0.2, 0.18]), 5, 10)
    assert len(joined.leaders) == 2 and joined.leaders[0] != 0
    assert joined.weight[0] == pytest.approx(0.6, abs=0.02)
    assert joined.own.tolist() == pytest.approx([0.6, 0.4])
    # Two of the three that agree pair the second thing with outline 4.
    assert expected_best(joined.share[0])[0].tolist() == [2, 4]
    assert joined.share[0].sum(axis=1).max() <= 1.0


def test_printed_pairs_do_best_on_average():
    rng = np.random.default_rng(4)
    share = rng.dirichlet(np.full(7, 0.4), 4)[:, :6]
    pairs, reached = expected_best(share)
    made = np.flatnonzero(pairs >= 0)
    assert len(set(pairs[made].tolist())) == len(made)
    there = min(2.0 * share.sum(), 4)
    assert reached == pytest.approx(2 * share[made, pairs[made]].sum() / (len(made) + there))
    # Dropping any pair does no better.
    for drop in made:
        kept = made[made != drop]
        assert 2 * share[kept, pairs[kept]].sum() / (len(kept) + there) <= reached + 1e-12
    assert expected_best(np.zeros((3, 2)))[0].tolist() == [-1, -1, -1]


def test_a_placement_is_called_likely_only_where_chance_hardly_ever_reaches():
    blank = np.zeros(len(SIGNS))
    told = np.eye(len(SIGNS) + 1)[0]
    law = Present(blank, blank + 1, first=told, any=told, firm=1.5)
    weight = np.array([0.7, 0.2, 0.1])
    for sign, likely in ((1.4, False), (1.6, True), (-3.0, False)):
        odds = np.append(law.above_none(blank + [sign, *blank[1:]], weight), 0.0)
        share = np.exp(odds) / np.exp(odds).sum()
        assert (share[0] > 0.5) == likely
        assert share[0] == share[:-1].max()
    assert share[-1] > 0.5


def test_two_ways_to_lay_a_symmetrical_plan_are_one_half_each():
    blank = np.zeros(len(SIGNS))
    sure = np.eye(len(SIGNS) + 1)[0]
    law = Present(blank, blank + 1, first=sure, any=sure, firm=0.0)
    odds = np.append(law.above_none(blank + [4.0, *blank[1:]], np.array([0.5, 0.5]), 0.5), 0.0)
    share = np.exp(odds) / np.exp(odds).sum()
    assert share[0] == pytest.approx(0.5) and 0.45 < share[1] <= 0.5


def test_what_a_person_refused_is_never_paired_and_what_was_tied_always():
    shapes = _strewn(12)
    sketch = _sketch(shapes)
    table = _table(shapes)
    free = match(table, [sketch])
    pairs = {pair.sketch[0]: pair.candidates[0] for pair in free.placements[0].sketches[sketch.name].pairs}
    assert pairs["b4"] == "c4"
    told = match(table, [sketch], refused=[Tie(sketch=sketch.name, element="b4", candidate="c4")])
    for placement in told.placements:
        assert all((p.sketch[0], p.candidates[0]) != ("b4", "c4") for p in placement.sketches[sketch.name].pairs)
    tied = match(table, [sketch], ties=[Tie(sketch=sketch.name, element="b4", candidate="c9")])
    for placement in tied.placements:
        found = {p.sketch[0]: p.candidates[0] for p in placement.sketches[sketch.name].pairs}
        assert found["b4"] == "c9" and list(found.values()).count("c9") == 1


def test_one_long_block_in_a_wall_with_a_gate_is_laid_on_it():
    wall = LineString([(-45, -30), (45, -30), (45, 30), (-45, 30), (-45, -30)])
    shapes = [_block(-30, -5, 50, 14), _block(43, -3, 5, 5)]
    real = [*shapes, *(_block(300 + 40 * k, 90 * (k % 3), 18, 9, 30 * k) for k in range(6)), wall]
    roles = ["building", "gate", *["building"] * 6, "wall"]
    found = match(
        _table(real, role=roles), [_sketch([*shapes, wall], roles={1: "gate", 2: "wall"}, labels={1: "gate"})]
    )
    pairs = {p.sketch[0]: p.candidates[0] for p in found.placements[0].sketches["plan.geojson"].pairs}
    assert pairs["b0"] == "c0" and pairs["b1"] == "c1"


@pytest.mark.parametrize(
    "shapes",
    [
        [Polygon([(0, 0), (30, 20), (30, 0), (0, 20)]), _block(60, 0, 20, 10), _block(0, 60, 20, 10)],
        [LineString([(0, 0), (80, 5)])],
        [Point(0, 0), Point(0, 0), Point(0, 0)],
        [_block(30 * k, 0, 20, 8) for k in range(12)],
    ],
    ids=["self-crossing", "one lone line", "all in one spot", "a row of barracks"],
)
def test_odd_drawings_get_an_answer_and_no_sure_guess(shapes):
    row = [_block(30 * k, 40 * r, 20, 8) for k in range(10) for r in range(4)]
    found = match(_table(row), [_sketch(shapes)])
    assert all(one.probability <= 0.5 for one in found.placements)
    assert found.none_probability + sum(one.probability for one in found.placements) == pytest.approx(1.0, abs=1e-6)
    again = match(_table(shapes), [_sketch(_strewn(6))])
    assert 0.0 <= again.none_probability <= 1.0


def test_a_plan_is_found_among_thousands_of_outlines_in_a_few_seconds():
    own, rng = _strewn(16), np.random.default_rng(1)
    half = 60.0 * np.sqrt(2500 / 20)
    others = [
        _block(
            *(rng.uniform(-half, half, 2) + [half + 400, 0]), rng.uniform(8, 26), rng.uniform(6, 12), 180 * rng.random()
        )
        for _ in range(2500)
    ]
    table, begun = _table([*own, *others]), time.process_time()
    found = match(table, [_sketch(own)])
    assert time.process_time() - begun < 10.0
    pairs = {p.sketch[0]: p.candidates[0] for p in found.placements[0].sketches["plan.geojson"].pairs}
    assert sum(pairs.get(f"b{k}") == f"c{k}" for k in range(16)) >= 15


def test_outlines_thousands_of_metres_wide_are_no_sure_guess():
    wide = [_block(5000.0 * k, 0, 4000, 2500, 10.0 * k) for k in range(6)]
    found = match(_table(wide), [_sketch(_strewn(6))])
    assert all(one.probability <= 0.5 for one in found.placements)


def test_all_identical_barracks_are_rivals_and_none_is_sure():
    rows = [_block(30.0 * k, 40.0 * r, 20, 8) for k in range(9) for r in range(4)]
    found = match(_table(rows), [_sketch([_block(30.0 * k, 40.0 * r, 20, 8) for k in range(4) for r in range(3)])])
    assert all(one.probability <= 0.5 for one in found.placements)
    for placement in found.placements:
        assert all(pair.probability < 0.9 for pair in placement.sketches["plan.geojson"].pairs)


def test_a_landmark_that_nothing_drawn_names_changes_nothing():
    shapes = _strewn(8)
    mill = Anchor(label="mill", geometry=Point(-30.0, 10.001), sigma_m=20.0)
    plain, with_mill = (match(_table(shapes), [_sketch(shapes)], anchors=known) for known in ((), (mill,)))
    assert plain == with_mill


def test_several_poor_sketches_leave_more_for_none_than_one():
    problem = problem_of(_sketch(_strewn(5)), ground_of(_table(_strewn(5)), FRAME), FRAME)
    settled = settle(problem, np.array([1 / 3 + 0j]), np.array([0j]))
    one = hypotheses_of(problem, settled, np.array([0.2]))[0]
    pool = Pool(problem, (one,), ranker("shapes"))
    single, three = ([Joint(dict.fromkeys(names, (pool, one)), 0.2)] for names in ("a", "abc"))
    assert probabilities(three, told=False)[1] > probabilities(single, told=False)[1] + 0.2
    assert probabilities(three, told=True)[1] < 0.05


def test_what_every_sketch_leads_to_counts_more_than_what_one_alone_does():
    problem = problem_of(_sketch(_strewn(5)), ground_of(_table(_strewn(5)), FRAME), FRAME)
    settled = settle(problem, np.array([1 / 3 + 0j]), np.array([0j]))
    alike = hypotheses_of(problem, settled, np.array([1.0]))[0]
    away = replace(alike, matrix=alike.matrix + np.array([[0.0, 0.0, 9000.0]] * 2), pairs=np.full(5, -1))
    weighing = ranker("shapes")
    both, one = Pool(problem, (alike, away), weighing), Pool(problem, (alike,), weighing)
    joints = joint_placements([[both, one]], ["a", "b"])
    assert [joint.parts["a"][1] is alike for joint in joints] == [True, False]
    # The first is led to from both sketches, the second from one alone: half of its weight.
    free = (away.score + alike.score - 8.0) / 2**0.6
    assert joints[1].logit == pytest.approx(free - np.log(2.0))
