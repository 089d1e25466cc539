-- (?-s) keeps the dot of a pattern from matching a newline
SELECT
  count() AS "n",
  COALESCE(countIf(coalesce(NOT match("t"."status", '(?-s)^[A-Z]+$'), FALSE)), 0) AS "m0"
FROM "shop"."t" AS "t"
