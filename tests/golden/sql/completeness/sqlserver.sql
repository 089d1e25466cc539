SELECT
  COUNT_BIG(*) AS [n],
  COUNT_BIG(*) * 3 - (
    COUNT_BIG([t].[id]) + (
      COUNT_BIG([t].[status]) + (
        COUNT_BIG([t].[day])
      )
    )
  ) AS [m0]
FROM [shop].[t] AS [t]
