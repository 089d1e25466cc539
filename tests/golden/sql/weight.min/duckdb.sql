SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF(ISNAN("weight") OR "weight" < CAST('0' AS DOUBLE)), 0) AS m0
FROM "d.p.t" AS "t"
