SELECT
  COUNT(*) AS n,
  COUNT(*) * 3 - (
    COUNT("id") + (
      COUNT("status") + (
        COUNT("day")
      )
    )
  ) AS m0
FROM "d.p.t" AS "t"
