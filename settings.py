"""The one settings class. Only the three wirings read it: `definitions.py`, `api/app.py`, `cli.py`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    pool_size: int = Field(default=10, ge=1, description="database connections per process and role")
    log_level: str = Field(default="info", description="debug, info, warning or error")

    @property
    def dagster_url(self) -> str:
        return f"http://127.0.0.1:{self.dagster_port}"
