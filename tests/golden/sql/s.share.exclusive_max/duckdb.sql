SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(
      ISNAN("share") OR (
        NOT "share" IS NULL AND NOT "share" < CAST('1' AS DOUBLE)
      )
    ),
    0
  ) AS m0
FROM "d.q.s" AS "s"
