SELECT
  COUNT(*) AS n,
  COUNT(*) - COUNT("day") AS m0
FROM "d.p.t" AS "t"
