-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN [t].[weight] <> [t].[weight]
        OR NOT [t].[weight] IN (CAST('1' AS FLOAT), CAST('2.5' AS FLOAT))
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[t] AS [t]
