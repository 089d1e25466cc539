SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(NOT "Odd ""Name" IS NULL AND NOT "Odd ""Name" IN ('a', 'b''c', 'back\\slash')),
    0
  ) AS m0
FROM "d.q.s" AS "s"
