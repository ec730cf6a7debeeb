"""What pictures promise that are opened for their place: a VRT follows no link out of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoinv.errors import UnsafeFileError
from geoinv.files.pictures import picture_place


@pytest.mark.parametrize("name", ["../scene.tif", "absent.tif", "a" * 5000 + ".tif"])
def test_a_vrt_that_names_what_cannot_lie_beside_it_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / "links.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{name}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(UnsafeFileError, match="does not lie beside it") as told:
        picture_place(path)
    assert len(str(told.value)) < 300
