-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(CASE WHEN (
      CAST([s].[size] AS NUMERIC(38, 0))
    ) % 5 <> 0 THEN 1 END),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
