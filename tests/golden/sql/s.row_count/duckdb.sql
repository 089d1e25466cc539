SELECT
  COUNT(*) AS n
FROM "d.q.s" AS "s"
