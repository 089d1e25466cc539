"""The codes of policies, which `codes.py` lists with the others."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

POLICY_CODES: Mapping[str, Code] = {
    "MK420": Code(
        "A policy that is not there",
        "A domain tightens, or a product takes on under `policies:`, a policy that the governance file does not have.",
        "Take the near name that the message proposes; `meshkit policy list` shows all.",
    ),
    "MK421": Code(
        "A domain would loosen a policy",
        "A weaker number, a lower severity, fewer points of enforcement, a later grace or `mandatory: false`: of a mandatory "
        "policy a domain may only ask for more. The change has no effect.",
        "Take it out of domain_policies, ask for more, or agree with all domains on the policy itself.",
    ),
    "MK422": Code(
        "A policy names a column that its row does not have",
        "Expressions see the columns of their own row, `product.NAME` and `params.NAME`, and nothing else.",
        "Take the near name that the message proposes; docs/policies.md and `meshkit policy explain` list the columns.",
    ),
    "MK423": Code(
        "A policy's SELECT of another form",
        "`sql:` reads the tables of rows alone, and returns product, message and, where it likes, column.",
        "Name what it returns; the tables are products, columns, checks, dependencies, runs and grants.",
    ),
    "MK424": Code(
        "A policy cannot be evaluated",
        "DuckDB refuses its expression, such as a text compared with a number, or it takes too long or finds far too much. "
        "The policy is unknown for every product, and all others are evaluated.",
        "Look at the types of the row in docs/policies.md; give the policy `tests:`.",
    ),
    "MK425": Code(
        "Two policies of one id",
        "An id stands for one policy: waivers, reports and `policies:` name it. Names of built-in policies are taken.",
        "Give one of the two another id.",
    ),
    "MK426": Code(
        "A policy that no machine can judge",
        "A number in its prose or its params cannot be read, or it has no rule. It is shown as not executable, never as met.",
        "Write the number like 30 days, 3 years or 5%, under `params:` or in a `- Name: value` line.",
    ),
    "MK427": Code(
        "A policy in Python that gives no answer",
        "No installed package offers an entry point of that name in the group `meshkit.policies`, or the function failed, or it "
        "yields something other than (product id, column or None, message). The policy is unknown for every product.",
        "Install or mend the package.",
    ),
    "MK428": Code(
        "A policy over what is not there",
        "A policy names a domain that nobody declared and that no product has, or its `sql:` or Python names a product that the "
        "mesh does not have. What it would find is lost, so it is an error and never silence.",
        "Correct the name; products are named as `products.id` has them.",
    ),
    "MK429": Code(
        "A number that no rule reads",
        "The params hold a name that the policy's rules do not have, so that the number would change nothing.",
        "Take the near name that the message proposes; `meshkit policy explain ID` shows the numbers.",
    ),
    "MK437": Code(
        "A table not scanned for personal data",
        "`--scan-pii` samples files and DuckDB tables. This table is on another engine, or it, or a column of it, cannot be read. "
        "Nothing is known of what its unmarked columns hold; only their names are judged.",
        "Scan a copy in files, or look at the table and mark what is personal; `meshkit check` tells more of what is missing.",
    ),
}
