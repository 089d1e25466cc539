-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(CASE WHEN "t"."weight" = BINARY_DOUBLE_NAN OR "t"."weight" < 0D THEN 1 END),
    0
  ) AS "m0"
FROM "shop"."t" "t"
