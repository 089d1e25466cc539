-- (?-s) keeps the dot of a pattern from matching a newline
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        NOT match("s"."key", '(?-s)^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$'),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
