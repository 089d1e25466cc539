SELECT
  COUNT(*) AS n,
  COALESCE(COUNT_IF((
    CAST("size" AS INT128)
  ) % 5 <> 0), 0) AS m0
FROM "d.q.s" AS "s"
