import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from assets.public.page import page, panel_pictures

CSS = Path(page.__file__).with_name("page.css").read_text()
LIGHT = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", CSS.split("@media", 1)[0]))
DARK = LIGHT | dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", CSS.split("@media", 2)[1]))
SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
LINES = ("--burnout", "--resilience", "--resistance")

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    high, low = sorted(
        (float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True
    )
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIE L*a*b*, D65."""
    xyz = (
        np.array(
            [
                [0.4124564, 0.3575761, 0.1804375],
                [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041],
            ]
        )
        @ rgb
        / [0.95047, 1.0, 1.08883]
    )
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@SCHEMES
@pytest.mark.parametrize("ground", ["--paper", "--sunk"])
@pytest.mark.parametrize("text", ["--ink", "--ink-soft", "--link"])
def test_text_contrast(scheme, ground, text):
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@SCHEMES
def test_banner_and_button_contrast(scheme):
    assert contrast(scheme["--banner"], scheme["--banner-ink"]) >= 4.5
    assert contrast(scheme["--link"], scheme["--paper"]) >= 4.5


@SCHEMES
@pytest.mark.parametrize("line", [*LINES, "--hatch", "--retracted", "--ink-soft"])
def test_line_contrast(scheme, line):
    assert contrast(scheme[line], scheme["--paper"]) >= 3


@SCHEMES
@pytest.mark.parametrize("ground", ["band", "fan"])
@pytest.mark.parametrize("line", LINES)
def test_line_contrast_over_both_ranges(scheme, line, ground):
    assert contrast(scheme[line], scheme[f"{line}-{ground}"]) >= 3


def test_pictures_have_the_colours_of_the_page():
    for line in LINES:
        drawn = (LIGHT[line], LIGHT[f"{line}-band"], LIGHT[f"{line}-fan"])
        assert panel_pictures._COLOURS[line.removeprefix("--")] == drawn


@SCHEMES
@pytest.mark.parametrize("line", LINES)
def test_a_retracted_day_does_not_look_like_a_line(scheme, line):
    one, other = (lab(linear(scheme[name])) for name in (line, "--retracted"))
    assert np.linalg.norm(one - other) >= 20


@SCHEMES
@pytest.mark.parametrize("sight", SIGHT)
def test_lines_differ_for_every_kind_of_colour_sight(scheme, sight):
    seen = [lab(np.clip(np.array(SIGHT[sight]) @ linear(scheme[line]), 0, 1)) for line in LINES]
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(one - other) >= 20


def test_both_schemes_were_found():
    assert LIGHT["--paper"] != DARK["--paper"]
    assert set(LINES) <= set(LIGHT)
