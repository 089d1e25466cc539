-- (?-s) keeps the dot of a pattern from matching a newline
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        NOT match(
          "s"."mail",
          '(?-s)^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$'
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
