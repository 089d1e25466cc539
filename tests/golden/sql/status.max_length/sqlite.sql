-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN LENGTH("t"."status" COLLATE BINARY) > 9 THEN 1 END), 0) AS "m0"
FROM "shop"."t" AS "t"
