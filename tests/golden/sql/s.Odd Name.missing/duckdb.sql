SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF("Odd ""Name" IS NULL OR "Odd ""Name" IN ('n/a', 'none')), 0) AS m0
FROM "d.q.s" AS "s"
