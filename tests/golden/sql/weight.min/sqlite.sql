-- NaN cannot be held: nothing is NaN
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(CASE WHEN (
      "t"."weight" <> "t"."weight"
    ) OR "t"."weight" < 0 THEN 1 END),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
