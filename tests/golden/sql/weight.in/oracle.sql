-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "t"."weight" = BINARY_DOUBLE_NAN OR NOT "t"."weight" IN (1D, 2.5D)
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" "t"
