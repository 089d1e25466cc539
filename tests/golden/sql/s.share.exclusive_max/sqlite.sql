-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN CASE WHEN "s"."share" IS NULL THEN NULL ELSE FALSE END
        OR (
          NOT "s"."share" IS NULL AND NOT "s"."share" < CAST(1 AS REAL)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
