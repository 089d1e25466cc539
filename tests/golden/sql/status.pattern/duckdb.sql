SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(NOT REGEXP_MATCHES("status", '^[A-Z]+$')), 0) AS m0
FROM "d.p.t" AS "t"
