SELECT
  COUNT(*) AS n,
  COUNT(*) * 3 - (
    COUNT("id") + (
      COUNT("status") + (
        COUNT("day")
      )
    )
  ) AS m0,
  COUNT(*) * 3 AS m1
FROM "d.p.t" AS "t"
