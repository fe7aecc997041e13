"""Google's OAuth 2.0: the consent page, the token endpoint, revoking, and who somebody is."""

from urllib.parse import parse_qs, urlencode

from sandbox.google.consent import page, trouble
from sandbox.google.grants import ACCESS_SECONDS, Consent, GrantRefused, Grants
from sandbox.google.project import Project
from sandbox.google.wording import wrong_token
from sandbox.serving import Answered, Asked
from sandbox.signing import SigningKeys
from sandbox.world import Clock, Creator, World

ISSUER = "https://accounts.google.com"
CONSENT = ("/o/oauth2/auth", "/o/oauth2/v2/auth")


class OAuth:
    """A person here is a channel: whoever consents says which one."""

    hosts = ("accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com")
    paths = (*CONSENT, "/token", "/revoke", "/oauth2/v3/userinfo", "/oauth2/v3/certs")

    def __init__(self, world: World, clock: Clock, project: Project, grants: Grants) -> None:
        self._world, self._clock, self._project, self._grants = world, clock, project, grants
        self.keys = SigningKeys("google")

    def answer(self, asked: Asked) -> Answered | None:
        routes = {"/token": self._token, "/revoke": self._revoke, "/oauth2/v3/userinfo": self._userinfo, "/oauth2/v3/certs": self._certs}
        routes |= dict.fromkeys(CONSENT, self._consent)
        route = routes.get(asked.path)
        return route(asked) if route else None

    @property
    def channels(self) -> list[Creator]:
        return [creator for creator in self._world.creators if creator.platform == "youtube"]

    def _consent(self, asked: Asked) -> Answered:
        wrong = self._wrong(asked)
        if wrong:
            return Answered.of_html(trouble(wrong), status=400)
        if asked.method == "POST":
            return self._decided(asked)
        wanted = asked.query.get("scope", "").split()
        return Answered.of_html(page(self._project.client_id, self.channels, wanted, asked.query.get("login_hint")))

    def _wrong(self, asked: Asked) -> str | None:
        """What is wrong with the address that somebody was sent to."""
        query = asked.query
        if query.get("client_id") != self._project.client_id:
            return "invalid_client"
        if not self._project.allows(query.get("redirect_uri", "")):
            return "redirect_uri_mismatch"
        if query.get("response_type") != "code" or not query.get("scope"):
            return "invalid_request"
        if not self.channels:
            return "there is no YouTube channel in this world"
        return "invalid_request" if query.get("code_challenge") and query.get("code_challenge_method") != "S256" else None

    def _decided(self, asked: Asked) -> Answered:
        """`decision` allow (with the `scope`s that are ticked), allow_all or deny; `channel` by id or handle, else the first."""
        form = parse_qs(asked.body.decode("utf-8"), keep_blank_values=True)
        decision, wanted = form.get("decision", ["deny"])[0], asked.query["scope"].split()
        ticked = wanted if decision == "allow_all" else [scope for scope in wanted if scope in form.get("scope", [])]
        chosen = form.get("channel", [self.channels[0].native_id])[0]
        creator = self._world.creator("youtube", chosen.removeprefix("@"))
        if creator is None:
            return Answered.of_html(trouble(f"there is no channel {chosen}"), status=400)
        if decision not in ("allow", "allow_all"):
            return self._back(asked, {"error": "access_denied"})
        code = self._grants.allow(creator.native_id, ticked, dict(asked.query))
        return self._back(asked, {"code": code, "scope": " ".join(ticked)})

    def _back(self, asked: Asked, words: dict[str, str]) -> Answered:
        state = {"state": asked.query["state"]} if "state" in asked.query else {}
        state["iss"] = ISSUER
        to = asked.query["redirect_uri"]
        return Answered(302, headers={"Location": f"{to}{'&' if '?' in to else '?'}{urlencode(state | words)}"})

    def _token(self, asked: Asked) -> Answered:
        form = asked.form()
        if form.get("client_id") != self._project.client_id or form.get("client_secret") != self._project.client_secret:
            return _refused("invalid_client", "Unauthorized", 401)
        try:
            if form.get("grant_type") == "authorization_code":
                said = self._grants.exchange(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier"))
                said |= self._identity(form["code"])
            elif form.get("grant_type") == "refresh_token":
                said = self._grants.refresh(form.get("refresh_token", ""))
            else:
                return _refused("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        except GrantRefused as refused:
            return _refused(refused.error, refused.description)
        return Answered.of_json(said, headers={"Cache-Control": "no-store"})

    def _revoke(self, asked: Asked) -> Answered:
        token = asked.form().get("token") or asked.query.get("token", "")
        if self._grants.revoke(token):
            return Answered.of_json({})
        return _refused("invalid_token", "Token expired or revoked")

    def _userinfo(self, asked: Asked) -> Answered:
        held = self._grants.holder(asked.headers.get("authorization", "").removeprefix("Bearer "))
        creator = self._world.creator("youtube", held.channel_id) if held else None
        if held is None or creator is None:
            return wrong_token().answer
        return Answered.of_json(self._person(creator, held))

    def _certs(self, _: Asked) -> Answered:
        return Answered.of_json(self.keys.set(), headers={"Cache-Control": "public, max-age=21600"})

    def _identity(self, code: str) -> dict[str, object]:
        """An ID token comes with `openid` alone (OpenID Connect Core 1.0, 3.1.3.3)."""
        held = self._grants.of_code(code)
        creator = self._world.creator("youtube", held.channel_id)
        if "openid" not in held.scopes or creator is None:
            return {}
        now, client = int(self._clock.now().timestamp()), self._project.client_id
        claims = {"iss": ISSUER, "aud": client, "azp": client, "iat": now, "exp": now + ACCESS_SECONDS, **self._person(creator, held)}
        return {"id_token": self.keys.sign(claims | ({"nonce": held.nonce} if held.nonce else {}))}

    def _person(self, creator: Creator, held: Consent) -> dict[str, object]:
        said: dict[str, object] = {"sub": str(10**20 + creator.number)}
        if "profile" in held.scopes:
            said |= {"name": creator.title, "given_name": creator.title.split()[0]}
        if "email" in held.scopes:
            said |= {"email": f"{creator.username}@example.com", "email_verified": True}
        return said | self._project.people.get(creator.native_id, {})


def _refused(error: str, description: str, status: int = 400) -> Answered:
    return Answered.of_json({"error": error, "error_description": description}, status=status)
