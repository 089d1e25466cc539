-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN CAST([s].[price] AS NUMERIC(38, 2)) % CAST('0.05' AS NUMERIC(38, 2)) <> 0
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
