from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import FieldError, GeoinvError
from geoinv.files.sidecars import find_sidecars, read_sidecar, scene_fields
from geoinv.records.scenes import SceneRecord


def item(**properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "bbox": [-150.1, 10, -150, 10.1], "properties": properties}


def test_a_stac_item_becomes_fields_of_the_record() -> None:
    fields = scene_fields(
        item(**{
            "datetime": "2019-03-14T05:06:07Z", "gsd": 0.5, "view:sun_azimuth": 151.2, "view:sun_elevation": 44,
            "view:off_nadir": 12, "license": "CC0", "providers": [{"name": "Nobody"}], "platform": "kite",
        }),
        file="s.json",
    )  # fmt: skip
    record = SceneRecord.read({"name": "s.tif", **fields})
    assert str(record.acquired) == "2019-03-14"
    assert (record.gsd_m, record.sun_azimuth, record.sun_elevation, record.off_nadir) == (0.5, 151.2, 44, 12)
    assert (record.provider, record.license, record.bounds) == ("Nobody", "CC0", (-150.1, 10, -150, 10.1))
    assert record.missing == ("view_azimuth", "ce90_m", "attribution")
    assert (record.model_extra or {})["platform"] == "kite"


def test_null_and_unknown_are_missing_not_zero() -> None:
    fields = scene_fields(
        item(**{"datetime": None, "acquired": "unknown", "gsd": None, "view:sun_azimuth": None}), file="s"
    )
    assert not {"acquired", "gsd_m", "sun_azimuth"} & fields.keys()
    assert {"acquired", "gsd_m", "sun_azimuth"} <= set(fields["missing"])


def test_a_period_and_a_flat_yaml_are_read(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("acquired: 2009~\nsun_azimuth: 140\nce90_m: 4.2\nsimulated: true\n")
    (found,) = find_sidecars(tmp_path / "s.tif")
    fields = read_sidecar(found)
    assert (fields["acquired"], fields["sun_azimuth"], fields["simulated"]) == ("2009~", 140, True)
    assert fields["ce90_basis"] == "declared"
    period = scene_fields(item(datetime=None, start_datetime="2009-01-02T00:00:00Z", end_datetime=None), file="s")
    assert period["acquired"] == "2009-01-02/"


@pytest.mark.parametrize(
    "properties",
    [{"gsd": "fine"}, {"gsd": -1}, {"view:sun_elevation": 91}, {"datetime": "last spring"}, {"view:off_nadir": True}],
)
def test_impossible_fields_are_named(properties: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match=r"s\.json") as caught:
        scene_fields(item(**properties), file="s.json")
    assert caught.value.field in properties


def test_no_sidecar_is_none(tmp_path: Path) -> None:
    assert find_sidecars(tmp_path / "s.tif") == ()


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=6)
)
names = st.sampled_from(
    ["gsd", "datetime", "start_datetime", "view:sun_azimuth", "providers", "ce90_m", "acquired", "bbox"]
)


@given(st.dictionaries(names, values), values)
def test_only_our_errors_escape(properties: dict[str, Any], box: Any) -> None:
    for read in ({"properties": properties, "bbox": box}, properties):
        try:
            fields = scene_fields(read, file="fuzz.json")
        except GeoinvError as error:
            assert "fuzz.json" in str(error)
        else:
            SceneRecord.read({"name": "s.tif", **fields})
            json.dumps({key: str(value) for key, value in fields.items()})
