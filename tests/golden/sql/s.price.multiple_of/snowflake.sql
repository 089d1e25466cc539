-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE
        WHEN CAST("s"."price" AS DECIMAL(38, 2)) % CAST('0.05' AS DECIMAL(38, 2)) <> 0
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
