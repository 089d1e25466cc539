SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(status = 'PAID' AND "amount" > 99.00), 0) AS m0,
  COALESCE(COUNT_IF(status = 'PAID'), 0) AS m1
FROM "d.p.t" AS "t"
