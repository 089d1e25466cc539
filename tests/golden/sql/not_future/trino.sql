-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE
        WHEN "t"."at" > CAST('2026-11-22 06:00:00 UTC' AS TIMESTAMP(6) WITH TIME ZONE)
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
