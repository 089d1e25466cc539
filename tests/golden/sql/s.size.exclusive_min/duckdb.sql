SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(NOT "size" IS NULL AND NOT "size" > 0), 0) AS m0
FROM "d.q.s" AS "s"
