SELECT
  COUNT(*) AS n,
  COUNT(*) - COUNT("id") AS m0
FROM "d.p.t" AS "t"
