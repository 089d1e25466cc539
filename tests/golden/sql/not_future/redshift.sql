-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "t"."at" > CAST('2026-11-22 06:00:00+00' AS TIMESTAMP WITH TIME ZONE)
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
