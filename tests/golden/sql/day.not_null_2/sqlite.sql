-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN "t"."id" > 5 AND "t"."day" IS NULL THEN 1 END), 0) AS "m0",
  COALESCE(COUNT(CASE WHEN "t"."id" > 5 THEN 1 END), 0) AS "m1"
FROM "shop"."t" AS "t"
