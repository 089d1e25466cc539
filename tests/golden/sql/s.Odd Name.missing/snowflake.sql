-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE
        WHEN "s"."Odd ""Name" IS NULL OR "s"."Odd ""Name" IN ('n/a', 'none')
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
