"""What each code means, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.errors import UsageError
from meshkit.model.code import Code
from meshkit.model.codes_access import ACCESS_CODES
from meshkit.model.codes_placement import PLACEMENT_CODES
from meshkit.model.codes_policy import POLICY_CODES
from meshkit.model.codes_repositories import REPOSITORY_CODES
from meshkit.model.codes_run import RUN_CODES
from meshkit.model.codes_store import STORE_CODES
from meshkit.model.codes_waivers import WAIVER_CODES
from meshkit.model.names import did_you_mean

FAMILIES: Mapping[str, str] = {
    "0": "The call",
    "1": "Contracts and other files",
    "2": "SQL in a contract",
    "3": "Engines and data",
    "4": "Outcomes, governance and the store",
    "5": "Changes",
    "6": "Access",
}

CODES: Mapping[str, Code] = {
    "MK001": Code(
        "The call names something that is not there",
        "A product, check or table name is unknown, or an option has a value that cannot be meant.",
        "Take the near name that the message proposes; `meshkit list PATH` shows all products.",
    ),
    "MK101": Code(
        "Not YAML",
        "The file cannot be read as YAML, so nothing in it is known. One file holds one document.",
        "Look at the line named. Indent with spaces, not tabs; quote a value that starts with *, @, ` or %, or holds ': '.",
    ),
    "MK102": Code(
        "Unknown key",
        "No key of that name belongs here. It would have no effect, so it is refused: a misspelt promise is no promise.",
        "Take the near name that the message proposes, or see the reference page or `meshkit schema` for all keys.",
    ),
    "MK103": Code(
        "A value of another kind is wanted",
        "The key is known, but its value is a number where text is wanted, a text where a list is wanted, and so on.",
        "Write the kind of value named. Quote what YAML would read as a number, date or boolean.",
    ),
    "MK104": Code(
        "A key is missing", "The form needs this key to mean anything.", "Add it; the message says with what."
    ),
    "MK105": Code(
        "A key stands twice",
        "YAML lets a mapping hold a key twice, and most readers silently keep the last one.",
        "Keep one of them.",
    ),
    "MK106": Code(
        "Too large to be a contract",
        "The file is larger than 16 MiB, nested deeper than 100 levels, or its aliases expand to more than 500,000 values.",
        "Write it out plainly; if it is data, keep it out of the mesh folder.",
    ),
    "MK107": Code("Not UTF-8", "The file holds bytes that are no UTF-8 text.", "Save it as UTF-8."),
    "MK108": Code(
        "Cannot be read",
        "The path is not there, or its permissions forbid reading.",
        "Check the path and its permissions.",
    ),
    "MK109": Code(
        "A kind of file that this version does not read",
        "A file given by name holds no product in any form that meshkit knows.",
        "Write a contract: `meshkit schema` writes the JSON Schema of the native form; docs/standards.md lists the others.",
    ),
    "MK110": Code(
        "Not one of the choices", "The key takes one of a few words.", "Take one of the words that the message lists."
    ),
    "MK111": Code(
        "Not a name",
        "Products, domains, checks and ports are named by a letter or _, then letters, digits, _ and -.",
        "Rename it; a description can hold any text.",
    ),
    "MK112": Code(
        "Not a semantic version",
        "A version is three numbers: MAJOR.MINOR.PATCH. YAML reads an unquoted 2.10 as the number 2.1.",
        'Write all three, like 2.10.0, or quote it: "2.10.0".',
    ),
    "MK113": Code(
        "Unknown domain",
        "The organisation file lists the domains, and this is none of them.",
        "Correct the name, or add the domain to the organisation file.",
    ),
    "MK114": Code(
        "A name stands twice", "Two things of one kind share a name, so nothing could refer to either.", "Rename one."
    ),
    "MK115": Code(
        "Names a column that is not declared",
        "A partition, key, freshness, completeness or erasure column must be one of schema.fields.",
        "Correct the name, or declare the column.",
    ),
    "MK116": Code(
        "Not a cron expression",
        "update_schedule takes five fields: minute, hour, day of month, month, weekday, in UTC.",
        'Quote it, since * has a meaning in YAML: "0 2 * * *".',
    ),
    "MK117": Code(
        "The schedule breaks the promise",
        "Between two updates more time passes than max_age_hours allows, so the data must be too old some of the time.",
        "Update more often, or promise less.",
    ),
    "MK118": Code(
        "Not a quantity",
        "A percentage, duration, size or comparator that cannot be read.",
        "Write 99.5%, 24 hours, 90_days, 16Gi, or a comparator in front: <= 24 hours.",
    ),
    "MK119": Code(
        "A key without a value",
        "The key is there but YAML reads its value as null; an unquoted # starts a comment, so `slack: #sales` is lost.",
        'Put the value in quotes: "#sales".',
    ),
    "MK120": Code(
        "Unknown constraint",
        "No constraint of that name is known, so nothing would be checked.",
        "Take one of the names listed.",
    ),
    "MK121": Code(
        "Two keys in one list item",
        "`- not_null:` with `threshold:` at the same indentation are two keys of one item; one of them would be lost.",
        "Indent options below their constraint, and start each constraint with '- '.",
    ),
    "MK122": Code(
        "A value the check cannot use",
        "The argument does not fit the constraint or the column's type. That one check is errored, the others run.",
        "Write a value of the column's type; quote yes, no, on and off, which YAML reads as booleans.",
    ),
    "MK123": Code(
        "A pattern that RE2 cannot run",
        "Patterns are RE2 expressions, searched anywhere in the value. RE2 has no look-around and no back-references.",
        "Anchor with ^ and $ if the whole value is meant; write a quality check in SQL for what RE2 cannot say.",
    ),
    "MK124": Code(
        "Unknown type", "The declared type is none that meshkit knows.", "Take one of the types that the message lists."
    ),
    "MK125": Code(
        "The changelog contradicts itself",
        "Entries stand newest first; versions and dates fall together, and none is above the contract's version.",
        "Put the entries in order, or correct the version or date.",
    ),
    "MK126": Code(
        "Listed and present differ",
        "The organisation file lists a product that has no contract, or a contract stands in no domain's list.",
        "Add the missing contract, or correct data_products.",
    ),
    "MK127": Code(
        "An alert on something that is not measured",
        "The condition names no metric: it would never go off.",
        "Take a known metric, or declare one under observability.metrics with an expression.",
    ),
    "MK128": Code(
        "An alert looser than the promise",
        "The data can break max_age_hours while the alert is still silent.",
        "Lower the alert to max_age_hours or below.",
    ),
    "MK129": Code(
        "A metric without an expression",
        "The name is none that meshkit collects by itself, so nothing is collected.",
        "Write `name: expression`, like `avg_order_value: avg(total_amount)`.",
    ),
    "MK130": Code(
        "Versions clash",
        "A product has the same version twice, or two active versions; a bare id could mean either.",
        "Raise one version, or set status: deprecated on the older one.",
    ),
    "MK131": Code(
        "Unknown team",
        "The organisation file names the domain's teams, and this is none of them.",
        "Correct owner.team.",
    ),
    "MK132": Code("Not an e-mail address", "Nobody could be reached.", "Write it like team@company.com."),
    "MK133": Code(
        "Not a date", "Dates are written as in ISO 8601, and follow one another in time.", "Write it like 2024-01-15."
    ),
    "MK151": Code(
        "Nothing to convert",
        "A data product of ODPS, an organisation or a platform file is no contract; contracts are what can be converted.",
        "Convert the contracts that its ports name.",
    ),
    "MK152": Code(
        "A file that is there already",
        "Converting never writes over a file by accident.",
        "Give another name, or --force to replace it.",
    ),
    "MK153": Code(
        "A reference to no definition",
        "`$ref` names no entry under `definitions:` of the same file; the field is read without it.",
        "Correct the name: '#/definitions/NAME'.",
    ),
    "MK134": Code(
        "An input that is not there",
        "inputs: names a product that the mesh does not have; checks that read it are errored.",
        "Correct the name, or give a location: a value with a / or a file ending.",
    ),
    "MK140": Code(
        "A version of a standard that is not read",
        "apiVersion names a version whose form meshkit does not know.",
        "Migrate the file to a version that the message lists; of ODCS, v3.0 to v3.2 are read.",
    ),
    "MK141": Code(
        "A rule does not say what must be",
        "A rule of quality takes exactly one operator, such as mustBe, with a number, two numbers for a range, or for a "
        "query a text or a boolean. In v3.0 each of several operators is a check of its own.",
        "Give the rule one operator; write another rule for another one.",
    ),
    "MK142": Code(
        "A relationship that cannot be read",
        "Under a property stands `to` alone; under an object stand `from` and `to`, both one reference or lists of one length. "
        "A reference is object.property, or schema/OBJECT/properties/PROPERTY by ids, or either behind FILE#.",
        "Write it in one of these forms; nested properties are not checked.",
    ),
    "MK143": Code(
        "A variable without a value",
        "${NAME} is replaced by a variable of the environment when it is used; an empty one counts as none. Behind a server "
        "only those that MESHKIT_VARIABLES lists may be used.",
        "Set the variable, write a default as ${NAME:-value}, or list its name in MESHKIT_VARIABLES.",
    ),
    "MK144": Code(
        "A reference that leads nowhere",
        "A port, a relationship or a lineage names a contract, an object or a property that is not there.",
        "Correct the name or id, or put the other file into the mesh folder.",
    ),
    "MK145": Code(
        "Written as in another version of the standard",
        "The key is spelled as another version than apiVersion spells it. It is read as it is meant.",
        "Raise apiVersion, or spell it as that version does.",
    ),
    "MK146": Code(
        "A promise that cannot be read",
        "The value and unit of a property of service are no duration, time of day or moment.",
        "Write a number with a unit (4 and d), an ISO 8601 duration (PT25H), 09:00-08:00, or 2026-11-22T06:00:00Z.",
    ),
    "MK147": Code(
        "A port that will disappoint",
        "An output port has no contract, an input port reads what is at the end of its life, or lineage goes in a circle.",
        "See the message; checks run all the same.",
    ),
    "MK148": Code(
        "A format that is not understood",
        "Dates and times take the letters of JDK's DateTimeFormatter; texts and numbers the formats that the standard lists.",
        "Write it in those letters, or add a pattern, which is checked.",
    ),
    **PLACEMENT_CODES,
    **REPOSITORY_CODES,
    **RUN_CODES,
    "MK401": Code("Checks were not met", "Raised by Run.raise_for_failures.", "Look at run.failed."),
    **POLICY_CODES,
    **WAIVER_CODES,
    **STORE_CODES,
    "MK501": Code(
        "The version does not say what changed (R01)",
        "A version that breaks readers is a new major one, one that adds is a new minor one; the same version never changes.",
        "Raise it to the computed version, or take the change back. `meshkit diff` shows which change asks for it.",
    ),
    "MK502": Code(
        "The changelog contradicts the changes (R02)",
        "`breaking:` of the changelog's entry says one thing, and the contract another.",
        "Correct the entry; where nobody but you can judge the change, record a decision under decisions:.",
    ),
    "MK503": Code(
        "A breaking change without the right to one (R03)",
        "Readers need time: the old version is served on for at least 30 days, deprecated, with a migration guide, and they know.",
        "Keep the old version in a file of its own with status: deprecated and a deprecation: block.",
    ),
    "MK504": Code(
        "An end before its time (R04)",
        "A version was retired before the last day that its deprecation promises, or its file was deleted without retired.",
        "Deprecate it, wait for deprecation.until to pass, set status: retired, and only then delete the file.",
    ),
    "MK505": Code(
        "Not compared",
        "One of the two contracts has errors, so what it promises is not known.",
        "Mend what `meshkit lint` tells, or compare with a revision that can be read.",
    ),
    "MK506": Code(
        "A source rose to a new major version (X05)",
        "The product names an input without a version, so it now reads the new major version of it.",
        "Name the old version (domain.name@1.4.0) while it is served, or record a decision under decisions:.",
    ),
    "MK510": Code(
        "Git gave no answer",
        "The folder is in no git checkout, git is not installed, or it refused.",
        "Give two files or folders, or run it inside a checkout.",
    ),
    "MK511": Code(
        "No such revision",
        "The checkout has no branch, tag or commit of that name, or the file did not exist in it.",
        "`git fetch` brings branches that are elsewhere; origin/main names the one of a remote.",
    ),
    **ACCESS_CODES,
}


def explain_code(code: str) -> str:
    """Say in full what a code means.

    Raises:
        UsageError: There is no such code.
    """
    found = CODES.get(code.upper())
    if found is None:
        raise UsageError(f"unknown code '{code}'", did_you_mean(code, CODES) or "meshkit explain lists all")
    return f"{code.upper()}: {found.title}\n\n{found.meaning}\n\nWhat to do: {found.mend}\n"


def list_codes() -> str:
    """List all codes with their titles, by family."""
    lines = []
    for digit, family in FAMILIES.items():
        lines += [family, *(f"  {code}  {entry.title}" for code, entry in CODES.items() if code[2] == digit), ""]
    return "\n".join([*lines, "meshkit explain CODE says more."]) + "\n"
