-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN CASE WHEN "t"."weight" IS NULL THEN NULL ELSE FALSE END
        OR NOT "t"."weight" IN (CAST(1 AS REAL), CAST(2.5 AS REAL))
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
