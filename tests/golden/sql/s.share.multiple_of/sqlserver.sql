-- x / y is a division of floats
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN [s].[share] <> [s].[share]
        OR ABS((
          CAST([s].[share] AS FLOAT) / CAST(CAST('0.1' AS FLOAT) AS FLOAT)
        )) > CAST('1e299' AS FLOAT)
        OR ABS(
          (
            CAST([s].[share] AS FLOAT) / CAST(CAST('0.1' AS FLOAT) AS FLOAT)
          ) - ROUND((
            CAST([s].[share] AS FLOAT) / CAST(CAST('0.1' AS FLOAT) AS FLOAT)
          ), 0)
        ) > (
          CAST('1e-9' AS FLOAT) + ABS((
            CAST([s].[share] AS FLOAT) / CAST(CAST('0.1' AS FLOAT) AS FLOAT)
          )) * CAST('4.5e-16' AS FLOAT)
        )
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
