"""The settings file, `meshkit.yaml`: engines, and environments that say where products live. See docs/engines_config.md."""

# Annotations are no text in this file: pydantic would compile each of them whenever a command starts.

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from meshkit.model.base import Form
from meshkit.model.placement import parse_dotted
from meshkit.model.secret import is_reference, shows_password
from meshkit.model.values import Filled, Identifier, Scalar, parsed, refuse

WAY_OUT = "write {env: NAME}, {file: PATH} with a file outside the mesh, or ${NAME}; change it if others have seen it"
_WAY_OUT_OF_URL = (
    "write ${NAME} in its place, or password: {env: NAME} beside the URL; change it if others have seen it"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _name_of_variable(value: Any) -> Any:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise refuse("MK111", "env: this is not the name of a variable", "write a name like SHOP_PASSWORD")
    return value


def _source(value: Any) -> Any:
    """Take a mapping, or `${NAME}`; whatever else stands there is a secret, and is not shown."""
    if isinstance(value, str) and is_reference(value):
        return {"env": value[2:-1]}
    if not isinstance(value, dict):
        raise refuse("MK160", "a secret stands here in the clear", WAY_OUT)
    if len(value) != 1 or set(value) - {"env", "file"}:
        raise refuse("MK103", "a secret is taken from one place", "write {env: NAME}, or {file: PATH}")
    return value


def _scalar_or_source(value: Any) -> Any:
    if isinstance(value, dict):
        return _source(value)
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else str(value)


def _url(text: str) -> str:
    if shows_password(text):
        raise refuse("MK160", "a password or token stands in the URL in the clear", _WAY_OUT_OF_URL)
    return text


class SecretForm(Form):
    """Where a secret is taken from when a connection is opened."""

    env: Annotated[str, BeforeValidator(_name_of_variable), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="The name of a variable of the environment."
    )
    file: Filled | None = Field(None, description="A file outside the mesh, which holds nothing else.")


class OrReference:
    """Tells the JSON Schema that `${NAME}` names a variable too."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept the mapping, or one variable."""
        return {"anyOf": [handler(core), {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}]}


class OrScalar:
    """Tells the JSON Schema that options may be numbers and booleans."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept what is taken anyway, or one of them."""
        return {"anyOf": [handler(core), {"type": ["number", "boolean"]}]}


SecretSource = Annotated[SecretForm, BeforeValidator(_source), OrReference]
Option = Annotated[str | SecretForm, BeforeValidator(_scalar_or_source), OrScalar]
Url = Annotated[Filled, AfterValidator(_url)]
TableName = Annotated[str, parsed(parse_dotted)]


class EngineForm(Form):
    """An engine that holds tables, and as whom to go there."""

    url: Url | None = Field(None, description="Such as postgresql://meshkit@db.internal/shop, or spark. Required.")
    user: Filled | None = Field(None, description="As whom, where the URL does not say.")
    password: SecretSource | None = Field(None, description="Where the password is taken from.")
    options: dict[str, Option] = Field(default={}, description="What else the driver is told; secrets from outside.")


class DbtForm(Form):
    """A target of dbt's profiles.yml."""

    profile: Filled | None = Field(None, description="The profile. Required.")
    target: Filled | None = Field(None, description="Its target; else the one that the profile names.")
    profiles_dir: Filled | None = Field(
        None, description="Where profiles.yml is; else DBT_PROFILES_DIR, beside this file, or ~/.dbt."
    )


class EnvironmentForm(Form):
    """Where products live, under a name that `--env` takes."""

    engine: Url | None = Field(None, description="One of engines, duckdb for files, or a URL.")
    dbt: DbtForm | None = Field(None, description="Or a target of dbt.")
    schema_: TableName | None = Field(None, alias="schema", description="Where tables are that one word names.")
    tables: dict[str, TableName] = Field(
        default={}, description="domain.product.table, domain.product or table -> its name in the engine."
    )
    location_prefix: Url | None = Field(None, description="What stands before relative locations of files.")
    store: Url | None = Field(None, description="Where runs are kept.")


def _entry(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _entries(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class OrPath:
    """Tells the JSON Schema that a path alone is an entry too."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept the mapping, or a text."""
        return {"anyOf": [handler(core), {"type": "string"}]}


class OrOne:
    """Tells the JSON Schema that one entry alone need not stand in a list."""

    @staticmethod
    def __get_pydantic_json_schema__(core: Any, handler: Any) -> dict[str, Any]:
        """Accept the list, or what may stand in it."""
        listed: dict[str, Any] = handler(core)
        return {"anyOf": [listed, listed["items"]]}


class RepositoryForm(Form):
    """A folder or file of this machine, or one inside a commit of a git repository."""

    git: Filled | None = Field(None, description="The repository: https, ssh, file:// or a path. None = this machine.")
    commit: (
        Annotated[Filled, WithJsonSchema({"type": "string", "pattern": "^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"})] | None
    ) = Field(None, description="The commit's full hash. Required with `git`.")
    path: Filled | None = Field(None, description="A folder or file: from here, or from the top of the repository.")
    name: Identifier | None = Field(None, description="How it is called in messages and in the cache.")


Repository = Annotated[RepositoryForm, BeforeValidator(_entry), OrPath]
Repositories = Annotated[list[Repository], BeforeValidator(_entries), OrOne]


class SettingsFile(Form):
    """The file `meshkit.yaml`, in the mesh folder or above it up to the repository's root."""

    extends: Repositories = Field(default=[], description="Where the governor's policy and organisation files are.")
    sources: Repositories = Field(default=[], description="Where more products of this mesh are.")

    engines: dict[Identifier, EngineForm] = Field(default={}, description="Engines by name.")
    environments: dict[Identifier, EnvironmentForm] = Field(default={}, description="Environments by name.")
    default_environment: Scalar | None = Field(None, description="The one that is taken without --env.")
