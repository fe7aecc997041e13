"""The one settings class. Only the three wirings read it: `definitions.py`, `api/app.py`, `cli.py`."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.passwords import HashingCost
from domain.secrets import Given


class Settings(BaseSettings):
    """Read from the environment (prefix WHYRAL_, and DATABASE_URL) and from `.env`. Each has a line in docs/reference/settings.md."""

    model_config = SettingsConfigDict(env_prefix="WHYRAL_", env_file=".env", extra="ignore")

    home: Path = Field(default=Path(".whyral"), description="where the embedded database, files, keys and logs live")
    api_port: int = Field(default=8000, description="the API listens here, on 127.0.0.1 unless WHYRAL_API_HOST says otherwise")
    api_host: str = Field(default="127.0.0.1", description="the address the API listens on")
    api_workers: int = Field(default=1, ge=1, description="API processes")
    dagster_port: int = Field(default=3000, description="the Dagster webserver, on 127.0.0.1 only: it has no login")
    pg_port: int = Field(default=5433, description="the embedded PostgreSQL, on 127.0.0.1 only")
    metrics_port: int = Field(default=9464, description="Prometheus metrics, on 127.0.0.1 only")
    database_url: SecretStr | None = Field(
        default=None, validation_alias="DATABASE_URL", description="PostgreSQL of your own, as the app role; unset: the embedded one"
    )
    database_owner_url: SecretStr | None = Field(default=None, description="the same database as the owner role, for migrations")
    database_system_url: SecretStr | None = Field(
        default=None, description="the same database as the system role, for sensors and the reaper"
    )
    dagster_database_url: SecretStr | None = Field(
        default=None, description="Dagster's own database; must begin with postgresql+psycopg2://"
    )
    secret_key: SecretStr | None = Field(
        default=None, description="signs tokens and cursors, at least 32 characters; unset: made once and kept in WHYRAL_HOME"
    )
    run_launcher: Literal["warm", "stock"] = Field(
        default="warm", description="warm: runs are forked from a loaded process; stock: Dagster starts a new Python for each"
    )
    launcher_socket: Path | None = Field(
        default=None, description="where the fork server of the warm launcher listens; `whyral up` sets it for its parts"
    )
    live_runs: int = Field(default=3, ge=1, description="how many runs are live at once")
    import_limit_bytes: int = Field(default=1_000_000_000, ge=1, description="the largest file that may be imported")
    media_limit_bytes: int = Field(default=1_000_000_000, ge=1, description="the largest video that may be sent to be clipped")
    files_url: str | None = Field(
        default=None, description="a bucket that keeps the files, as s3://bucket/prefix; unset: the folder files of WHYRAL_HOME"
    )
    files_endpoint: str | None = Field(default=None, description="the S3-compatible store that is not Amazon's; unset: Amazon's")
    files_region: str = Field(default="us-east-1", description="the region of that bucket")
    files_access_key: SecretStr | None = Field(
        default=None, description="the access key for that bucket; unset: what AWS_... or the machine's role gives"
    )
    files_secret_key: SecretStr | None = Field(default=None, description="the secret of that access key")
    files_presign: bool = Field(
        default=True,
        description="links to files are the bucket's own, presigned; off where others cannot reach it: the API serves them",
    )
    video_retention_days: int = Field(
        default=7, ge=1, description="a video that nobody has used for so long loses its bytes, a clip so long after it was published"
    )
    thumbnail_retention_days: int = Field(
        default=30, ge=1, description="a clip's thumbnail loses its bytes so long after the clip was published"
    )
    speech: Literal["auto", "faster-whisper", "api", "pocketsphinx", "off"] = Field(
        default="auto",
        description="who listens to videos without captions; auto: `api` where its key is set, else `faster-whisper` where it is installed "
        "and its model is here, else `pocketsphinx`; see docs/guides/speech.md",
    )
    speech_model: str = Field(
        default="small", description="the model of faster-whisper: its folder, or a name that is looked for in WHYRAL_HOME/models"
    )
    speech_api_url: str = Field(
        default="https://api.openai.com/v1", description="a transcription API as OpenAI defined it; a server of your own may be one"
    )
    speech_api_key: SecretStr | None = Field(default=None, description="the key of that API; with it, sound leaves this machine")
    speech_api_model: str = Field(default="whisper-1", description="which of that API's models listens; it must give times of words")
    public_url: str | None = Field(
        default=None, description="where browsers and platforms reach the API; unset: http://127.0.0.1:<api port>"
    )
    allowed_hosts: str | None = Field(
        default=None,
        description="the host names that calls may ask for, separated by commas; `*.example.org` for all below one, `*` for any; unset: "
        "loopback's and that of WHYRAL_PUBLIC_URL",
    )
    cors_origins: str | None = Field(
        default=None,
        description="origins whose pages may call with their visitors' credentials, as https://name, separated by commas; never `*`",
    )
    rate_limit_per_minute: int = Field(default=60, ge=1, description="calls of one key or person, or of one address without a credential")
    rate_limit_per_hour: int = Field(default=1_000, ge=1, description="the same in an hour")
    rate_limit_per_day: int = Field(default=10_000, ge=1, description="the same in a day")
    rate_limit_workspace_factor: int = Field(
        default=5, ge=1, description="a workspace may make so many times as many calls, with all its keys and people together"
    )
    rate_limit_analyses_per_hour: int = Field(default=20, ge=1, description="analyses that one person may ask for")
    rate_limit_chat_messages_per_hour: int = Field(default=100, ge=1, description="chat messages that one person may send")
    rate_limit_expensive_per_minute: int = Field(
        default=5, ge=1, description="calls of one person that compute for long: replaying a release, fitting a scoring model"
    )
    account_url: str | None = Field(
        default=None, description="the front end that takes the tokens of mails; unset: mails hold the bare token"
    )  # fmt: skip
    password_memory_kib: int = Field(default=19 * 1024, ge=19 * 1024, description="memory of argon2id per password, in KiB")
    password_passes: int = Field(default=2, ge=2, description="passes of argon2id over that memory")
    password_lanes: int = Field(default=1, ge=1, description="lanes of argon2id")
    password_hashes_at_once: int = Field(
        default=4, ge=1, description="passwords that are hashed at once per API process; together they may take 512 MiB"
    )
    token_keys: SecretStr | None = Field(
        default=None, description="seal OAuth tokens: `<id>:<32 bytes, base64>`, several separated by commas, the first seals; "
        "unset: made once and kept in WHYRAL_HOME"
    )  # fmt: skip
    google_client_id: str | None = Field(default=None, description="the OAuth client of your Google project; unset: no connections")
    google_client_secret: SecretStr | None = Field(default=None, description="the secret of that client")
    google_api_key: SecretStr | None = Field(default=None, description="reads public YouTube data; unset: only WHYRAL_YOUTUBE_PAGES does")
    google_project: str = Field(default="default", description="the name under which the quota of your Google project is counted")
    google_url: str | None = Field(
        default=None, description="another address for all of Google's APIs, such as the sandbox's; unset: Google's own"
    )
    oidc_issuer: str | None = Field(
        default=None, description="an OpenID Connect issuer whose tokens sign people in, such as Clerk's; see docs/guides/sign-in.md"
    )
    oidc_audience: str | None = Field(default=None, description="whom that issuer's tokens must be meant for (`aud`)")
    oidc_authorized_parties: str | None = Field(
        default=None, description="who may have asked for them (`azp`), separated by commas; this or the audience is needed"
    )
    brightdata_key: SecretStr | None = Field(default=None, description="Bright Data, reads Instagram; unset: Instagram cannot be read")
    brightdata_url: str = Field(default="https://api.brightdata.com", description="where Bright Data's API is")
    twitterapi_key: SecretStr | None = Field(default=None, description="TwitterAPI.io, reads X; unset: X cannot be read")
    twitterapi_url: str = Field(default="https://api.twitterapi.io", description="where TwitterAPI.io is")
    tiktok_browser: str = Field(
        default="find", description="the Chromium that reads TikTok: `find`, a path, or `off` (then yt-dlp's extractor reads it)"
    )
    youtube_pages: bool = Field(
        default=False,
        description="read public YouTube pages with yt-dlp where the Data API is not configured or cannot be reached; "
        "see docs/platforms/youtube.md",
    )
    media_downloads: bool = Field(default=False, description="allow downloads of public media with yt-dlp; see docs/platforms/downloads.md")
    thumbnails: bool = Field(
        default=False,
        description="fetch thumbnails of the posts in the library and measure them; see docs/guides/insights-people.md",
    )
    embedding_model: Path | None = Field(
        default=None,
        description="a folder with `model.onnx` and `tokenizer.json` of a sentence embedding, for the topics of clips; needs "
        "whyral[embedding]; unset: topics are told by words",
    )
    platform_proxy: str | None = Field(
        default=None, description="an HTTP proxy for all that reads platforms; `whyral sandbox` prints its own"
    )
    platform_ca: Path | None = Field(default=None, description="a CA file to trust besides the system's, for that proxy")
    sandbox: bool = Field(
        default=False,
        description="this deployment reads the sandbox: `whyral up` starts it, unless WHYRAL_GOOGLE_URL says where one stands, "
        "and points everything there",
    )
    sandbox_port: int = Field(default=8900, description="the sandbox, on 127.0.0.1 only; its proxy listens on the next port")
    youtube_amendment: bool = Field(
        default=False,
        description="YouTube's amendment lets this project keep statistics for more than 30 days",
    )
    deployment_day_usd: Decimal = Field(
        default=Decimal("150.00"), ge=0, description="what paid calls of all workspaces together may cost on a UTC day, in US dollars"
    )
    deployment_month_usd: Decimal = Field(
        default=Decimal("4500.00"), ge=0, description="the same in a month; each plan caps its own workspaces besides"
    )
    billing_provider: Literal["stripe", "dodo"] = Field(
        default="stripe", description="who is paid for new plans; subscriptions at the other one live on while its key is set"
    )
    billing_trial_days: int = Field(default=0, ge=0, le=365, description="days that a workspace's first plan is free of charge")
    billing_tax_ids: bool = Field(default=False, description="payers may name their business's tax id at Stripe's checkout")
    billing_taxes: bool = Field(
        default=False, description="Stripe Tax adds taxes to plans that are bought at Stripe's checkout; switch it on there first"
    )
    stripe_secret_key: SecretStr | None = Field(
        default=None, description="the secret key of your Stripe account; see docs/platforms/stripe.md"
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None, description="what Stripe signs its webhooks with (`whsec_...`); two separated by a comma while it is changed"
    )
    stripe_url: str | None = Field(default=None, description="another address for Stripe's API, such as the sandbox's; unset: Stripe's own")
    dodo_api_key: SecretStr | None = Field(default=None, description="the key of your Dodo Payments account; see docs/platforms/dodo.md")
    dodo_webhook_secret: SecretStr | None = Field(
        default=None, description="what Dodo signs its webhooks with; two separated by a comma while it is changed"
    )
    dodo_products: str | None = Field(
        default=None, description="which of Dodo's products each price is: `starter_monthly=pdt_...`, separated by commas"
    )
    dodo_url: str = Field(default="https://live.dodopayments.com", description="where Dodo's API is")
    deletion_grace_days: int = Field(
        default=30, ge=0, description="a workspace whose owner deletes it is erased so long afterwards; until then that can be called off"
    )
    backup_key: SecretStr | None = Field(
        default=None, description="seals backups: `<id>:<32 bytes, base64>`, several separated by commas, the first seals; "
        "unset: WHYRAL_TOKEN_KEYS",
    )  # fmt: skip
    backup_database_url: SecretStr | None = Field(
        default=None, description="DATABASE_URL's database as a role that reads past row-level security, for `whyral backup` and "
        "`whyral restore`; unset: the superuser of the embedded PostgreSQL",
    )  # fmt: skip
    trusted_proxies: str | None = Field(
        default=None,
        description="the networks of your own proxies, as CIDRs separated by commas: only they are believed about a caller's address "
        "(X-Forwarded-For); unset: nobody is",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="the server that mails go out by: smtp://user:password@host:587 (STARTTLS) or smtps://...:465; unset: mails become "
        "files in WHYRAL_HOME/mail; see docs/guides/mail.md",
    )
    smtp_ca: Path | None = Field(default=None, description="a CA file to trust besides the system's, for that server")
    mail_from: str = Field(default="Whyral <whyral@localhost>", description="whom mails come from")
    access_log_days: int = Field(default=30, ge=1, description="a line of the access log is kept for so long")
    auth_log_days: int = Field(
        default=90, ge=1, description="a line of the authentication log is kept for so long, and as long the addresses in audit logs"
    )
    admin_second_factor: Literal["always", "when_set", "never"] = Field(
        default="when_set",
        description="who administers the platform proves a second factor: always, when they have one, or never",
    )
    pool_size: int = Field(default=10, ge=1, description="database connections per process and role")
    log_level: str = Field(default="info", description="debug, info, warning, error or critical")

    @property
    def platforms(self) -> dict[str, Any]:
        """What the gateways to the platforms are configured with. A sandbox deployment follows links on the sandbox's own road."""
        from sandbox.road import SandboxRoad

        secret = {name: word.get_secret_value() if isinstance(word := getattr(self, name), SecretStr) else word for name in _PLATFORM_WORDS}
        road = SandboxRoad(self.sandbox_port + 1) if self.sandbox else None
        return {
            **secret,
            "proxy": self.platform_proxy,
            "ca_file": self.platform_ca,
            "work_folder": self.home / "downloads",
            "road": road,
        } | {"thumbnails": self.thumbnails or self.sandbox}

    @property
    def deployment_caps(self) -> tuple[Decimal, Decimal]:
        """What paid calls of the whole deployment may cost in a day and in a month, in USD."""
        return self.deployment_day_usd, self.deployment_month_usd

    @property
    def call_limits(self) -> dict[str, int]:
        """How many calls the API answers."""
        return {name: getattr(self, f"rate_limit_{name}") for name in _LIMITS}

    @property
    def hosts(self) -> tuple[str, ...]:
        return _listed((self.allowed_hosts or "").lower())

    @property
    def origins(self) -> tuple[str, ...]:
        return _listed(self.cors_origins or "")

    @property
    def given_secrets(self) -> Given:
        """What is judged before anything starts. Raises ValueError where the keys that seal tokens cannot be read."""
        from gateways.vault import keys_of

        words = [each.get_secret_value() if each else None for each in (self.secret_key, self.token_keys, self.google_client_secret)]
        paid = self.payments
        return Given(
            words[0], keys_of(words[1]) if words[1] else {}, self.google_client_id, words[2], stripe_key=paid["stripe_key"],
            stripe_webhook_secrets=paid["stripe_webhook_secrets"], stripe_url=paid["stripe_url"],
            dodo_webhook_secrets=paid["dodo_webhook_secrets"], is_sandbox=self.sandbox,
        )  # fmt: skip

    @property
    def files(self) -> dict[str, Any]:
        """What the file store is configured with."""
        secret = {"access_key": self.files_access_key, "secret_key": self.files_secret_key}
        return {
            "folder": self.home / "files",
            "url": self.files_url,
            "endpoint": self.files_endpoint,
            "region": self.files_region,
            "presign": self.files_presign,
        } | {name: word.get_secret_value() if word else None for name, word in secret.items()}

    @property
    def hashing(self) -> HashingCost:
        """What hashing a password costs. Raises ValueError where all at once would take too much memory."""
        return HashingCost(self.password_memory_kib, self.password_passes, self.password_lanes, self.password_hashes_at_once)

    @property
    def proxies(self) -> tuple[str, ...]:
        """The networks whose word about addresses is taken."""
        return tuple(each.strip() for each in (self.trusted_proxies or "").split(",") if each.strip())

    @property
    def mailing(self) -> dict[str, Any]:
        """What the sender of mails is configured with."""
        url = self.smtp_url
        return {
            "url": url.get_secret_value() if url else None,
            "ca_file": self.smtp_ca,
            "sender": self.mail_from,
            "folder": self.home / "mail",
        }

    @property
    def payments(self) -> dict[str, Any]:
        """What `gateways.payment_providers` is configured with."""
        return {
            "seller": self.billing_provider, "trial_days": self.billing_trial_days, "takes_tax_ids": self.billing_tax_ids,
            "adds_taxes": self.billing_taxes,
            "stripe_key": _shown(self.stripe_secret_key), "stripe_webhook_secrets": _listed(_shown(self.stripe_webhook_secret) or ""),
            "stripe_url": self.stripe_url, "dodo_key": _shown(self.dodo_api_key),
            "dodo_webhook_secrets": _listed(_shown(self.dodo_webhook_secret) or ""), "dodo_url": self.dodo_url,
            "dodo_products": dict(each.split("=", 1) for each in _listed(self.dodo_products or "")),
        }  # fmt: skip

    @property
    def listening(self) -> dict[str, Any]:
        """What the listeners are configured with."""
        key = self.speech_api_key
        return {
            "speech": self.speech,
            "model": self.speech_model,
            "models": self.home / "models",
            "api_url": self.speech_api_url,
            "api_key": key.get_secret_value() if key else None,
            "api_model": self.speech_api_model,
        }

    @property
    def starts_sandbox(self) -> bool:
        """Whether `whyral up` starts the sandbox that is read; one that stands already names its address."""
        return self.sandbox and self.google_url is None

    @property
    def api_url(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.api_port}"

    @property
    def dagster_url(self) -> str:
        return f"http://127.0.0.1:{self.dagster_port}"


_PLATFORM_WORDS = (
    "google_client_id", "google_client_secret", "google_api_key", "google_url", "brightdata_key", "brightdata_url", "twitterapi_key",
    "twitterapi_url", "tiktok_browser", "youtube_pages", "media_downloads", "token_keys",
    "google_project", "youtube_amendment", "public_url", "oidc_issuer", "oidc_audience", "oidc_authorized_parties",
)  # fmt: skip
_LIMITS = (
    "per_minute", "per_hour", "per_day", "workspace_factor", "analyses_per_hour", "chat_messages_per_hour", "expensive_per_minute",
)  # fmt: skip


def _shown(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
