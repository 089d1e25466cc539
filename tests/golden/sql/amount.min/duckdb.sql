SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF("amount" < 0.01), 0) AS m0
FROM "d.p.t" AS "t"
