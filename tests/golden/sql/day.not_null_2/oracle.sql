-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(SUM(CASE WHEN "t"."id" > 5 AND "t"."day" IS NULL THEN 1 ELSE 0 END), 0) AS "m0",
  COALESCE(SUM(CASE WHEN "t"."id" > 5 THEN 1 ELSE 0 END), 0) AS "m1"
FROM "shop"."t" "t"
