SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(ISNAN("weight") OR NOT "weight" IN (CAST('1' AS DOUBLE), CAST('2.5' AS DOUBLE))),
    0
  ) AS m0
FROM "d.p.t" AS "t"
