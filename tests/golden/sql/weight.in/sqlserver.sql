-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    SUM(
      CASE
        WHEN [t].[weight] <> [t].[weight]
        OR NOT [t].[weight] IN (CAST('1' AS FLOAT), CAST('2.5' AS FLOAT))
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS [m0]
FROM [shop].[t] AS [t]
