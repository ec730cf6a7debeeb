"""Fetch the web assets that geoinv carries, from their npm packages, and cut the fonts down to what is used.

Run by a maintainer, never by `make`: the results are committed. It needs `npm` and the `vendor` extra
(`pip install -e '.[vendor]'`), asks for packages by name and version only, and rewrites
`geoinv/api/static/leaflet/`, `geoinv/api/static/fonts/` and `geoinv/api/static/three/`. Run twice, it writes the same
bytes.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

STATIC = Path(__file__).resolve().parent.parent / "geoinv" / "api" / "static"
WEB = STATIC.parent / "web"
LEAFLET = "leaflet@1.9.4"
PRETENDARD = "pretendard@1.3.9"
THREE = "three@0.187.0"
ESBUILD = "esbuild@0.28.2"

#: The licence reserves the name "Pretendard" for unmodified files, so the subsets carry one of our own.
FAMILY = "Geoinv Sans"

#: Blocks kept in every file: Latin with the marks of Korean romanisation, Greek, Cyrillic, punctuation, units, shapes.
COMMON_BLOCKS = (
    (0x0020, 0x007E),  # Basic Latin
    (0x00A0, 0x017F),  # Latin-1 Supplement, Latin Extended-A
    (0x02B0, 0x02FF),  # Spacing modifiers (the apostrophes of McCune-Reischauer)
    (0x0300, 0x036F),  # Combining marks
    (0x0370, 0x04FF),  # Greek (σ, μ, Δ), Cyrillic
    (0x1100, 0x11FF),  # Hangul jamo
    (0x2000, 0x206F),  # General punctuation
    (0x2070, 0x209F),  # Superscripts and subscripts
    (0x20A0, 0x214F),  # Currency, letter-like symbols
    (0x2150, 0x23FF),  # Number forms, arrows, mathematics, technical
    (0x2460, 0x26FF),  # Enclosed numbers, lines, shapes, symbols
    (0x3000, 0x303F),  # CJK punctuation
    (0x3130, 0x318F),  # Hangul compatibility jamo
    (0x3200, 0x33FF),  # Enclosed CJK, squared units such as m²
    (0xFF00, 0xFFEF),  # Full-width forms
)
ALL_SYLLABLES = ((0xAC00, 0xD7A3),)
FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk", "liga", "tnum", "case", "sups", "subs"]


def ks_x_1001_syllables() -> set[int]:
    """Return the 2,350 Hangul syllables of KS X 1001, which cover nearly all running text."""
    rows = (bytes((row, cell)).decode("euc_kr") for row in range(0xB0, 0xC9) for cell in range(0xA1, 0xFF))
    return {ord(syllable) for syllable in rows}


def code_points(blocks: tuple[tuple[int, int], ...]) -> set[int]:
    """Return every code point of inclusive ranges."""
    return {point for first, last in blocks for point in range(first, last + 1)}


def unpack(package: str, into: Path) -> Path:
    """Download one npm package by name and version, and return its unpacked folder."""
    into.mkdir()
    subprocess.run(["npm", "pack", package, "--silent"], cwd=into, check=True, stdout=subprocess.DEVNULL)
    (archive,) = into.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
    return into / "package"


def vendor_leaflet(package: Path, target: Path) -> None:
    """Copy Leaflet's built script, style sheet, images and licence, unchanged."""
    (target / "images").mkdir(parents=True)
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copyfile(package / "dist" / name, target / name)
    for image in sorted((package / "dist" / "images").glob("*.png")):
        shutil.copyfile(image, target / "images" / image.name)
    shutil.copyfile(package / "LICENSE", target / "LICENSE")


def vendor_three(work: Path, target: Path) -> None:
    """Bundle what `web/three.js` names of three.js into one module: the whole library would be four times as large."""
    work.mkdir()
    install = ["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", THREE, ESBUILD]
    subprocess.run(install, cwd=work, check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(WEB / "three.js", work / "three.js")
    target.mkdir(parents=True)
    bundle = ["--bundle", "--minify", "--format=esm", "--target=es2020", "--legal-comments=inline", "--log-level=error"]
    subprocess.run(
        [work / "node_modules/.bin/esbuild", "three.js", *bundle, f"--outfile={target / 'three.js'}"],
        cwd=work,
        check=True,
    )
    shutil.copyfile(work / "node_modules/three/LICENSE", target / "LICENSE")


def rename(font: TTFont, style: str, source: str) -> None:
    """Give a subset its own family name in the name and CFF tables, keeping copyright and licence."""
    names = font["name"]
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    ours = {
        1: FAMILY,
        2: style,
        3: f"{postscript};{source}",
        4: f"{FAMILY} {style}",
        6: postscript,
        10: f"A subset of {source}.",
    }
    for record in list(names.names):
        if record.nameID in ours or record.nameID in (16, 17, 18, 21, 22, 25) or record.langID != 0x409:
            names.removeNames(record.nameID, record.platformID, record.platEncID, record.langID)
    for name_id, text in ours.items():
        names.setName(text, name_id, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FullName = ours[4]
    cff.topDictIndex[0].FamilyName = FAMILY


def cut(source: Path, target: Path, style: str, points: set[int], flavor: str | None) -> None:
    """Write one font with only the glyphs of `points`, as OpenType (`flavor=None`) or WOFF2."""
    options = subset.Options(
        flavor=flavor,
        layout_features=FEATURES,
        hinting=False,
        desubroutinize=flavor == "woff2",
        recalc_timestamp=False,
        name_IDs=["*"],
        notdef_outline=True,
    )
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    rename(font, style, PRETENDARD.replace("@", " ").title())
    subset.save_font(font, str(target), options)


def vendor_fonts(package: Path, target: Path) -> None:
    """Cut the two weights: WOFF2 for browsers, OpenType for PDF; the regular OpenType keeps every syllable."""
    target.mkdir(parents=True)
    common = code_points(COMMON_BLOCKS)
    running_text = common | ks_x_1001_syllables()
    every_syllable = common | code_points(ALL_SYLLABLES)
    static = package / "dist" / "public" / "static"
    for style in ("Regular", "Bold"):
        source = static / f"Pretendard-{style}.otf"
        stem = f"{FAMILY.replace(' ', '')}-{style}"
        cut(source, target / f"{stem}.woff2", style, running_text, "woff2")
        cut(source, target / f"{stem}.otf", style, every_syllable if style == "Regular" else running_text, None)
    shutil.copyfile(package / "dist" / "LICENSE.txt", target / "OFL.txt")


def main() -> None:
    """Re-create the vendored folders from nothing."""
    for name in ("leaflet", "fonts", "three"):
        shutil.rmtree(STATIC / name, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        vendor_leaflet(unpack(LEAFLET, Path(folder, "leaflet")), STATIC / "leaflet")
        vendor_three(Path(folder, "three"), STATIC / "three")
        vendor_fonts(unpack(PRETENDARD, Path(folder, "pretendard")), STATIC / "fonts")


if __name__ == "__main__":
    main()
