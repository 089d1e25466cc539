SELECT
  COUNT_BIG(*) AS [n],
  COUNT_BIG(*) - COUNT_BIG([t].[id]) AS [m0]
FROM [shop].[t] AS [t]
