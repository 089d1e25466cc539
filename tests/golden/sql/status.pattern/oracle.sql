-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN NOT REGEXP_LIKE("t"."status", '^[A-Z]+$', 'c') THEN 1 END), 0) AS "m0"
FROM "shop"."t" "t"
