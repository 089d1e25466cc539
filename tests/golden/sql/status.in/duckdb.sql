SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(NOT "status" IN ('PAID', 'O''PEN')), 0) AS m0
FROM "d.p.t" AS "t"
