-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(CASE WHEN NOT "s"."price" IS NULL AND NOT "s"."price" < 10.50 THEN 1 ELSE 0 END),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
