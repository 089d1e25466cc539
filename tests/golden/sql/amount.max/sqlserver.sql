-- texts are compared by a binary collation, blanks at the end included
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN (
          [t].[status] + N'.'
        ) COLLATE Latin1_General_100_BIN2 = N'PAID.' COLLATE Latin1_General_100_BIN2
        AND [t].[amount] > 99.00
        THEN 1
      END
    ),
    0
  ) AS [m0],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN (
          [t].[status] + N'.'
        ) COLLATE Latin1_General_100_BIN2 = N'PAID.' COLLATE Latin1_General_100_BIN2
        THEN 1
      END
    ),
    0
  ) AS [m1]
FROM [shop].[t] AS [t]
