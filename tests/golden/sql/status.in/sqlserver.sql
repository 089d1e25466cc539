-- texts are compared by a binary collation, blanks at the end included
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN NOT (
          [t].[status] + N'.'
        ) COLLATE Latin1_General_100_BIN2 IN (N'PAID.', N'O''PEN.')
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[t] AS [t]
