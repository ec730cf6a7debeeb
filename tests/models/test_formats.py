"""Every format of one blueprint: its validator is silent, hears a broken file, and each part's evidence survives."""

from __future__ import annotations

import io
import json
import re
import sys

import ezdxf
import ifcopenshell
import ifcopenshell.util.element
import numpy as np
import pytest
import trimesh
from ezdxf.lldxf.const import DXFStructureError
from pxr import Usd, UsdGeom

from geoinv.errors import InputError, MissingToolError
from geoinv.models.dxf import APPLICATION
from geoinv.models.formats import FORMATS, model_files
from geoinv.models.hypotheses import compare, hypotheses
from geoinv.models.ifc import PROPERTY_SET
from geoinv.models.solids import build_solids, part_extras
from geoinv.records.blueprint import Site
from tests.models.test_generators import furnished  # noqa: F401
from tests.models.validators import cityjson_faults, glb_parts, gltf_issues, ifc_faults, usd_faults

NAMES = ("glb", "cityjson", "ifc", "dxf", "obj", "usdz", "stl")


@pytest.fixture(scope="module")
def files(blueprint):
    return model_files(blueprint, NAMES)


@pytest.fixture(scope="module")
def more(furnished):  # noqa: F811
    return model_files(furnished, NAMES)


@pytest.fixture(scope="module")
def wanted(blueprint):
    """What every format must keep of every part that is built."""
    built = build_solids(blueprint).geometry
    return {p.id: json.loads(json.dumps(part_extras(p))) for p in blueprint.parts() if p.id in built}


def test_every_format_writes_its_files_and_the_same_ones_again(blueprint, files):
    assert sorted(files) == [
        "evidence.ext.json",
        "model-B.glb",
        "model.city.json",
        "model.dxf",
        "model.glb",
        "model.ifc",
        "model.mtl",
        "model.obj",
        "model.parts.json",
        "model.stl",
        "model.usdz",
        "rivals.json",
    ]
    again = model_files(blueprint, NAMES)
    assert [name for name in files if files[name] != again[name]] == []
    assert set(FORMATS) == {*NAMES, "svg", "pdf", "png", "gif"}


# ------------------------------------------------------------------------------------------------ nothing is lost


def same(found, wanted):
    """Status, sources, names and evidence of every part, as they went in; whatever else a format adds."""
    assert set(found) == set(wanted)
    for name, true in wanted.items():
        for key in ("kind", "role", "labels", "status", "sources", "drawn", "evidence"):
            assert found[name].get(key, []) == true[key], (name, key)


def test_glb_keeps_every_parts_evidence(files, wanted):
    same(glb_parts(files["model.glb"]), wanted)


def test_cityjson_keeps_every_parts_evidence(files, wanted):
    found = {}
    for name, one in json.loads(files["model.city.json"])["CityObjects"].items():
        known = one["attributes"]
        found[name] = {**known, "kind": known["class"], "role": known["function"], "evidence": known["+evidence"]}
    same(found, wanted)


def test_ifc_keeps_every_parts_evidence(files, wanted):
    found = {}
    model = ifcopenshell.file.from_string(files["model.ifc"].decode())
    for product in model.by_type("IfcProduct"):
        known = ifcopenshell.util.element.get_psets(product).get(PROPERTY_SET)
        if known:
            lists = {name: known.get(name.capitalize(), []) for name in ("labels", "sources", "drawn")}
            plain = {name: known[name.capitalize()] for name in ("kind", "role", "status")}
            found[known["Id"]] = plain | lists | {"evidence": json.loads(known["Evidence"])}
    same(found, wanted)


def test_dxf_keeps_every_parts_evidence(files, wanted):
    document = ezdxf.read(io.StringIO(files["model.dxf"].decode()))
    found = {}
    for entity in document.modelspace().query("POLYLINE MESH"):
        record = entity.get_extension_dict().dictionary[APPLICATION]
        extras = json.loads("".join(tag.value for tag in record.tags if tag.code == 1))
        found[extras["id"]] = extras
        tags = [tag.value for tag in entity.get_xdata(APPLICATION) if tag.code == 1000]
        assert f"status={extras['status']}" in tags
        assert [tag for tag in tags if tag.startswith("source=")] == [f"source={one}" for one in extras["sources"]]
    same(found, wanted)


def test_usdz_keeps_every_parts_evidence(files, wanted, tmp_path):
    (tmp_path / "model.usdz").write_bytes(files["model.usdz"])
    stage = Usd.Stage.Open(str(tmp_path / "model.usdz"))
    found = {}
    for prim in stage.Traverse():
        if prim.IsA(UsdGeom.Mesh):
            known = prim.GetCustomDataByKey("geoinv")
            lists = {name: list(known[name]) for name in ("labels", "sources", "drawn")}
            found[known["id"]] = dict(known) | lists | {"evidence": json.loads(known["evidence"])}
    same(found, wanted)


def test_obj_and_stl_keep_status_and_sources_beside_each_name_and_all_in_the_list_of_parts(files, wanted):
    obj, stl = files["model.obj"].decode(), files["model.stl"].decode()
    objects = [(name, brief) for brief, name in re.findall(r"# part (.*)\no (.*)\n", obj)]
    for pairs in (objects, re.findall(r"^solid (\S+) (.*)$", stl, re.MULTILINE)):
        assert {name for name, _ in pairs} == set(wanted)
        for name, brief in pairs:
            known = json.loads(brief)
            assert all(known[key] == wanted[name][key] for key in ("status", "sources", "labels", "role"))
    listed = json.loads(files["model.parts.json"])
    assert listed["about"]["fictional"] is True
    same(listed["parts"], wanted)


# --------------------------------------------------------------------------------------- validators, and their ears


def the_files(which, files, more):
    return (files, more)[which]


@pytest.mark.parametrize("which", [0, 1])
def test_validators_have_nothing_to_say(which, files, more, tmp_path):
    made = the_files(which, files, more)
    assert gltf_issues(made["model.glb"]) == []
    assert cityjson_faults(json.loads(made["model.city.json"]), json.loads(made["evidence.ext.json"])) == []
    audit = ezdxf.read(io.StringIO(made["model.dxf"].decode())).audit()
    assert not audit.errors and not audit.fixes
    (tmp_path / "model.usdz").write_bytes(made["model.usdz"])
    assert usd_faults(tmp_path / "model.usdz") == []


def test_the_express_rules_of_ifc_hold(more):
    assert ifc_faults(more["model.ifc"]) == []


def test_broken_ifc_is_heard(furnished):  # noqa: F811
    alone = furnished.model_copy(update={"buildings": (), "site": Site(towers=furnished.site.towers)})
    good = model_files(alone, ["ifc"])["model.ifc"].decode()
    # All at once, since the validator takes seconds to begin: a tower that does not say what it is, a site without a
    # proper number, a project that is nobody's whole.
    broken = re.sub(r"(IFCBUILDINGELEMENTPROXY\([^;]*),'tower',", r"\1,$,", good)
    broken = re.sub(r"(IFCSITE\(')[^']*'", r"\1short'", broken).replace("IFCRELAGGREGATES", "IFCRELNESTS", 1)
    said = "\n".join(ifc_faults(broken.encode()))
    assert "short" in said and "Decomposes" in said and "ObjectType" in said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d["CityObjects"]["storey-0"]["geometry"][0]["boundaries"][0].pop(),
        lambda d: d["CityObjects"]["storey-0"]["geometry"][0]["boundaries"][0][0][0].reverse(),
        lambda d: d["CityObjects"]["cell-1"].pop("parents"),
        lambda d: d["CityObjects"]["block"]["children"].remove("cell-1"),
        lambda d: d["CityObjects"]["cell-1"]["attributes"]["+evidence"]["polygon"].update(status="certain"),
        lambda d: d["CityObjects"]["cell-1"]["geometry"][0]["semantics"]["values"][0].pop(),
        lambda d: d["vertices"].append(list(d["vertices"][0])),
        lambda d: d.pop("transform"),
        lambda d: d.update({"+else": 1}),
        lambda d: d["CityObjects"]["cell-1"].update(type="Room"),
    ],
)
def test_broken_cityjson_is_heard(files, spoil):
    document = json.loads(files["model.city.json"])
    spoil(document)
    assert cityjson_faults(document, json.loads(files["evidence.ext.json"]))


def test_broken_dxf_is_heard(files):
    good = files["model.dxf"].decode()
    audit = ezdxf.read(io.StringIO(good.replace("GEOINV_DASHED", "NOT_THERE", 1))).audit()
    assert audit.errors or audit.fixes
    with pytest.raises(DXFStructureError):
        ezdxf.read(io.StringIO(good[: len(good) // 2]))


def test_broken_usdz_is_heard(files, tmp_path):
    def broken(data):
        (tmp_path / "broken.usdz").write_bytes(data)
        return usd_faults(tmp_path / "broken.usdz")

    import zipfile

    content = zipfile.ZipFile(io.BytesIO(files["model.usdz"])).read("model.usdc")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("model.usdc", content)  # not at a multiple of 64 bytes
    assert broken(stream.getvalue())


# --------------------------------------------------------------------------------------------------- true to size


def test_cityjson_rooms_are_their_air_and_storeys_their_walls(files, blueprint):
    document = json.loads(files["model.city.json"])
    corners = np.array(document["vertices"]) * document["transform"]["scale"] + document["transform"]["translate"]

    def volume(name):
        total = 0.0
        for solid in document["CityObjects"][name]["geometry"]:
            triangles = corners[np.array(solid["boundaries"][0])[:, 0]]
            total += np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum() / 6
        return total

    storey = blueprint.buildings[0].storeys[0]
    for room in (room for room in storey.rooms if room.hypothesis != "B"):
        assert volume(room.id) == pytest.approx(room.polygon.area * storey.height_m, rel=1e-6)
    assert volume("storey-0") == pytest.approx(build_solids(blueprint).geometry["storey-0"].volume, rel=1e-6)


def test_obj_and_stl_read_by_another_program_have_the_same_size(files, blueprint):
    scene = build_solids(blueprint)
    whole = sum(mesh.volume for mesh in scene.geometry.values())
    obj = trimesh.load(io.BytesIO(files["model.obj"]), file_type="obj", force="mesh", process=False)
    stl = trimesh.load(io.BytesIO(files["model.stl"]), file_type="stl", force="mesh", process=False)
    for mesh in (obj, stl):
        assert mesh.bounds == pytest.approx(scene.bounds, abs=1e-5)
        assert mesh.volume == pytest.approx(whole, rel=1e-6)


def test_ifc_says_where_the_place_is_and_what_hangs_on_what(files):
    model = ifcopenshell.file.from_string(files["model.ifc"].decode())
    site = model.by_type("IfcSite")[0]
    assert site.RefLatitude[:2] == (-42, -15) and site.RefLongitude[:2] == (-150, -30)
    spaces = {space.Name: space for space in model.by_type("IfcSpace")}
    storey = ifcopenshell.util.element.get_aggregate(spaces["Cell 1"])
    assert storey.is_a("IfcBuildingStorey")
    assert ifcopenshell.util.element.get_aggregate(storey).Name == "Main block"
    door = next(one for one in model.by_type("IfcDoor") if one.PredefinedType == "DOOR")
    assert ifcopenshell.util.element.get_container(door) == storey


# ------------------------------------------------------------------------------------------------------ rivals


def test_rival_versions_are_written_side_by_side_and_compared(files, blueprint):
    assert hypotheses(blueprint) == ("A", "B")
    assert {"question-2"} == set(glb_parts(files["model.glb"])) - set(glb_parts(files["model-B.glb"]))
    one, two = compare(blueprint)
    assert one.only == ("question-2",) and two.only == ("rival-2",)
    lost = (9.7 - 6.0) * (7.7 - 3.6)  # the store is smaller than the office
    assert one.clear_m2 - two.clear_m2 == pytest.approx(lost)
    # What is floor in one is wall in the other, above a floor of 0.02 m.
    assert two.solid_m3 - one.solid_m3 == pytest.approx(lost * (2.8 - 0.02))
    assert [one["name"] for one in json.loads(files["rivals.json"])["versions"]] == ["A", "B"]


# ---------------------------------------------------------------------------------------------------- bad input


def test_an_unknown_format_is_refused(blueprint):
    with pytest.raises(InputError, match="written as"):
        model_files(blueprint, ["dwg"])


@pytest.mark.parametrize(("name", "library"), [("ifc", "ifcopenshell"), ("dxf", "ezdxf"), ("usdz", "pxr")])
def test_a_library_that_is_not_installed_is_named_with_what_mends_it(name, library, blueprint, monkeypatch):
    for module in [one for one in sys.modules if one.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingToolError, match=r"geoinv\[formats\]"):
        model_files(blueprint, [name])
