-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN [s].[share] <> [s].[share]
        OR (
          NOT [s].[share] IS NULL AND NOT [s].[share] < CAST('1' AS FLOAT)
        )
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
