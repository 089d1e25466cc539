SELECT
  COUNT_BIG(*) AS [n]
FROM [shop].[s] AS [s]
