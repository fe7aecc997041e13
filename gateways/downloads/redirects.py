"""Redirects of yt-dlp's clients, each looked at before it is followed: by themselves they go wherever they are sent.

Three clients, three ways: urllib and requests ask a method where to, libcurl goes by itself and is told not to.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin, urlsplit

Look = Callable[[str], None]
_STATUSES = (301, 302, 303, 307, 308)
_MOST = 5


def look_at_redirects(director: Any, look: Look) -> None:
    """`look` raises where an address is not to be asked."""
    for handler in director.handlers.values():
        guard = _GUARDS.get(handler.RH_KEY)
        if guard is not None:
            guard(handler, look)


def _urllib(handler: Any, look: Look) -> None:
    make = handler._create_instance

    def made(**how: Any) -> Any:
        opener = make(**how)
        for each in opener.handlers:
            if hasattr(each, "redirect_request"):
                each.redirect_request = _looking(each.redirect_request, look)
        return opener

    handler._create_instance = made


def _looking(follow: Callable[..., Any], look: Look) -> Callable[..., Any]:
    def looked(request: Any, answer: Any, *words: Any) -> Any:
        _looked(look, words[-1], answer)
        return follow(request, answer, *words)

    return looked


def _looked(look: Look, url: str, answer: Any) -> None:
    with ExitStack() as unread:
        unread.callback(answer.close)
        look(url)
        unread.pop_all()


def _requests(handler: Any, look: Look) -> None:
    make = handler._create_instance

    def made(**how: Any) -> Any:
        session = make(**how)
        target_of = session.get_redirect_target

        def looked(response: Any) -> Any:
            target = target_of(response)
            if target:
                _looked(look, urljoin(response.url, target), response)
            return target

        session.get_redirect_target = looked
        return session

    handler._create_instance = made


def _curl(handler: Any, look: Look) -> None:
    from curl_cffi.requests import Session
    from yt_dlp.networking.exceptions import HTTPError

    send = handler._send

    def followed(request: Any) -> Any:
        for left in reversed(range(_MOST + 1)):
            try:
                return send(request)
            except HTTPError as error:
                target = error.response.get_header("location")
                if error.status not in _STATUSES or not target or not left:
                    raise
                error.response.close()
                request = _led(request, urljoin(request.url, target), error.status)
                look(request.url)
        raise AssertionError("the last one is returned or raised")

    handler._create_instance = lambda cookiejar=None: Session(cookies=cookiejar, allow_redirects=False)
    handler._send = followed


def _led(request: Any, url: str, status: int) -> Any:
    """The request as a browser would send it on."""
    from yt_dlp.networking._helper import get_redirect_method

    method = get_redirect_method(request.method, status)
    led = request.copy()
    if urlsplit(url).hostname != urlsplit(request.url).hostname:
        led.headers.pop("Cookie", None)
    if method != request.method:
        led.data = None
    led.url, led.method = url, method
    return led


_GUARDS = {"Urllib": _urllib, "Requests": _requests, "CurlCFFI": _curl}
