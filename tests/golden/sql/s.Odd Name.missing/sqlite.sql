-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."Odd ""Name" IS NULL OR "s"."Odd ""Name" COLLATE BINARY IN ('n/a', 'none')
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
