-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "t"."status" COLLATE BINARY = 'PAID' AND ROUND("t"."amount", 2) > 99.00
        THEN 1
      END
    ),
    0
  ) AS "m0",
  COALESCE(COUNT(CASE WHEN "t"."status" COLLATE BINARY = 'PAID' THEN 1 END), 0) AS "m1"
FROM "shop"."t" AS "t"
