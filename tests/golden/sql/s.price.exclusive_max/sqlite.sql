-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE WHEN NOT "s"."price" IS NULL AND NOT ROUND("s"."price", 2) < 10.50 THEN 1 END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
