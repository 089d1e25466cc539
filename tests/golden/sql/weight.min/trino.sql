-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(CASE WHEN IS_NAN("t"."weight") OR "t"."weight" < CAST('0' AS DOUBLE) THEN 1 END),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
