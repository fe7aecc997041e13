"""Looks for whole faces in the pictures of a small video, each by itself, and prints in which parts of it they are, as JSON."""

import json
import sys

import av
import cv2
import numpy as np

from gateways.media.seeing.cascades import Box, detected, profiles
from gateways.media.seeing.frames import Gray

# Faces that are narrower than this share of the frame are of the crowd.
_LEAST = 0.1
_STEP, _VOTES = 1.2, 3


def found_in(path: str) -> list[list[Box]]:
    """Per picture: left, top, right, bottom of each face, as shares of the frame."""
    with av.open("file:" + path, format="matroska", container_options={"protocol_whitelist": "file"}) as media:
        return [_faces(np.asarray(frame.to_ndarray(format="gray"), np.uint8)) for frame in media.decode(video=0)]


def _faces(picture: Gray) -> list[Box]:
    """Seen from the front, else from the side."""
    height, width = picture.shape
    even, least = np.asarray(cv2.equalizeHist(picture), np.uint8), round(width * _LEAST)
    found = detected("frontalface_alt2", even, step=_STEP, votes=_VOTES, least=least)
    found = found or profiles(even, step=_STEP, votes=_VOTES, least=least)
    return [(left / width, top / height, (left + wide) / width, (top + high) / height) for left, top, wide, high in found]


def main(arguments: list[str]) -> None:
    """Argument: the file."""
    cv2.setNumThreads(1)
    try:
        sys.stdout.write(json.dumps(found_in(*arguments)))
    except (av.FFmpegError, ValueError, cv2.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")
