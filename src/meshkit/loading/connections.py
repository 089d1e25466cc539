"""What it takes to reach an engine of the settings or a server of a contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from meshkit.loading.secrets import Reach, Vault
from meshkit.loading.settings_form import EngineForm
from meshkit.model.secret import Secret
from meshkit.model.server import variable_name


def reach_engine(form: EngineForm, base: Path, vault: Vault) -> Reach:
    """Fetch what an engine of the settings needs.

    Args:
        form: What the settings say of it.
        base: Where relative paths start: of secrets, and of a file that is the engine.
        vault: What fetches secrets.

    Raises:
        EngineError: MK314, a secret is not there.
    """
    url = beside(vault.url(form.url or ""), base)
    options = {
        name: vault.text(value) if isinstance(value, str) else vault.secret(value, base)
        for name, value in form.options.items()
    }
    password = vault.secret(form.password, base) if form.password else Secret("")
    return with_login(Reach(url, options), form.user or "", password)


def beside(url: Secret, base: Path) -> Secret:
    """Return a URL of the settings; the relative path of a SQLite file starts beside them, not where the process is."""
    scheme, _, rest = url.reveal().partition(":///")
    if scheme.lower() != "sqlite" or rest.startswith(("/", ":memory:")) or not rest:
        return url
    return Secret(f"{scheme}:///{quote(str(base.absolute()))}/{rest}")


def reach_server(key: str, environment: Mapping[str, str], vault: Vault) -> Reach:
    """Fetch what a server of a contract needs; its credentials are variables that are called after it.

    Args:
        key: `Server.key`.
        environment: Name -> value.
        vault: What fetches secrets.

    Raises:
        EngineError: MK314, a variable in its URL has no value.
    """
    name, _, url = key.partition("=")
    given = {
        what: environment.get(f"MESHKIT_{variable_name(name)}_{what}", "") for what in ("USER", "PASSWORD", "TOKEN")
    }
    options = {"token": Secret(given["TOKEN"])} if given["TOKEN"] else {}
    if options and url.startswith("databricks:"):
        return with_login(Reach(vault.url(url)), "token", options["token"])
    return with_login(Reach(vault.url(url), options), given["USER"], Secret(given["PASSWORD"]))


def with_login(reach: Reach, user: str, password: Secret) -> Reach:
    """Put a user and a password into a URL; where it has no host, they become options.

    What the URL itself says of them holds, unless it is said again.
    """
    if not user and not password:
        return reach
    scheme, colon, rest = reach.url.reveal().partition("://")
    if not colon:
        given = {"user": Secret(user), "password": password}
        return reach._replace(options={**reach.options, **{k: v for k, v in given.items() if v}})
    before, mark, query = rest.partition("?")
    login, _, host = before.rpartition("@")
    known_user, _, known_password = login.partition(":")
    who = quote(user, safe="") or known_user
    secret = quote(password.reveal(), safe="") or known_password
    return reach._replace(url=Secret(f"{scheme}{colon}{who}{':' if secret else ''}{secret}@{host}{mark}{query}"))
