SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(NOT "Odd ""Name" IS NULL AND NOT REGEXP_MATCHES("Odd ""Name", '^[A-Z]\d+$')),
    0
  ) AS m0
FROM "d.q.s" AS "s"
