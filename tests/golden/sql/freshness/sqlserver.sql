SELECT
  COUNT_BIG(*) AS [n],
  CAST(SWITCHOFFSET(
    MAX(
      CASE
        WHEN [t].[at] <= CAST('2026-11-22 06:00:00+00:00' AS DATETIMEOFFSET(6))
        THEN [t].[at]
      END
    ),
    '+00:00'
  ) AS DATETIME2(6)) AS [m0]
FROM [shop].[t] AS [t]
