SELECT
  COUNT_BIG(*) AS [n],
  COUNT_BIG(*) - COUNT_BIG([t].[day]) AS [m0]
FROM [shop].[t] AS [t]
