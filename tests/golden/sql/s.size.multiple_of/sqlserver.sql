-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    SUM(CASE WHEN (
      CAST([s].[size] AS NUMERIC(38, 0))
    ) % 5 <> 0 THEN 1 ELSE 0 END),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
