-- (?-s) keeps the dot of a pattern from matching a newline
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        NOT (
          "s"."Odd ""Name" IS NULL
        )
        AND NOT match("s"."Odd ""Name", '(?-s)^[A-Z]\\d+$'),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
