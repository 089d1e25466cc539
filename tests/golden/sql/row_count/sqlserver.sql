SELECT
  COUNT_BIG(*) AS [n]
FROM [shop].[t] AS [t]
