SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(
      ISNAN("share")
      OR ABS((
        "share" / CAST('0.1' AS DOUBLE)
      )) > CAST('1e299' AS DOUBLE)
      OR ABS(
        (
          "share" / CAST('0.1' AS DOUBLE)
        ) - ROUND((
          "share" / CAST('0.1' AS DOUBLE)
        ))
      ) > (
        CAST('1e-9' AS DOUBLE) + ABS((
          "share" / CAST('0.1' AS DOUBLE)
        )) * CAST('4.5e-16' AS DOUBLE)
      )
    ),
    0
  ) AS m0
FROM "d.q.s" AS "s"
