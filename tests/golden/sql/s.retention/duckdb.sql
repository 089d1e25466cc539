SELECT
  COUNT(*) AS n,
  CAST(MIN("loaded") AS TIMESTAMP) AS m0
FROM "d.q.s" AS "s"
