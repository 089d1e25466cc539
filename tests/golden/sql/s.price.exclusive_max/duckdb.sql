SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(NOT "price" IS NULL AND NOT "price" < 10.50), 0) AS m0
FROM "d.q.s" AS "s"
