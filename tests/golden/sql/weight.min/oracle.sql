-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE WHEN "t"."weight" = BINARY_DOUBLE_NAN OR "t"."weight" < 0D THEN 1 ELSE 0 END
    ),
    0
  ) AS "m0"
FROM "shop"."t" "t"
