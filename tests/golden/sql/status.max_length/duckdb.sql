SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(LENGTH("status") > 9), 0) AS m0
FROM "d.p.t" AS "t"
