-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN MOD(CAST("s"."price" AS NUMBER(38, 2)), CAST(0.05 AS NUMBER(38, 2))) <> 0
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" "s"
