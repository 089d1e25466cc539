SELECT
  COUNT(*) AS n
FROM "d.p.t" AS "t"
