SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF("size" < -128 OR "size" > 127), 0) AS m0
FROM "d.q.s" AS "s"
