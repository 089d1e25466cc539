SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(id > 5 AND "day" IS NULL), 0) AS m0,
  COALESCE(COUNT_IF(id > 5), 0) AS m1
FROM "d.p.t" AS "t"
