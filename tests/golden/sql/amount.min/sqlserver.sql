-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(COUNT_BIG(CASE WHEN [t].[amount] < 0.01 THEN 1 END), 0) AS [m0]
FROM [shop].[t] AS [t]
