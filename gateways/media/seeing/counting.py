"""Looks for whole faces in the pictures of a small video, each by itself, and prints in which parts of it they are, as JSON."""

import json
import sys

import av
import cv2
import numpy as np

from gateways.media.seeing.cascades import Box, detected, profiles
from gateways.media.seeing.frames import Gray

# Faces that are narrower than this share of the frame are of the crowd; none that small are looked for where larger ones are.
_LARGE, _LEAST = 0.1, 0.05
_STEP, _VOTES = 1.2, 3


def found_in(path: str) -> list[list[Box]]:
    """Per picture: left, top, right, bottom of each face, as shares of the frame."""
    with av.open("file:" + path, format="matroska", container_options={"protocol_whitelist": "file"}) as media:
        return [_faces(np.asarray(frame.to_ndarray(format="gray"), np.uint8)) for frame in media.decode(video=0)]


def _faces(picture: Gray) -> list[Box]:
    """Large ones in half the size, which costs a quarter: from the front, else from the side. Else small ones, from the front only."""
    half = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return _seen(half, _LARGE, are_turned_too=True) or _seen(picture, _LEAST, are_turned_too=False)


def _seen(picture: Gray, least_share: float, *, are_turned_too: bool) -> list[Box]:
    height, width = picture.shape
    even, least = np.asarray(cv2.equalizeHist(picture), np.uint8), round(width * least_share)
    found = detected("frontalface_alt2", even, step=_STEP, votes=_VOTES, least=least)
    if not found and are_turned_too:
        found = profiles(even, step=_STEP, votes=_VOTES, least=least)
    return [(left / width, top / height, (left + wide) / width, (top + high) / height) for left, top, wide, high in found]


def main(arguments: list[str]) -> None:
    """Argument: the file."""
    cv2.setNumThreads(1)
    try:
        sys.stdout.write(json.dumps(found_in(*arguments)))
    except (av.FFmpegError, ValueError, cv2.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")
