-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(SUM(CASE WHEN [t].[amount] < 0.01 THEN 1 ELSE 0 END), 0) AS [m0]
FROM [shop].[t] AS [t]
