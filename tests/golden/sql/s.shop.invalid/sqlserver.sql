-- a long list is written out
-- texts are compared by a binary collation, blanks at the end included
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN NOT [s].[shop] IS NULL
        AND NOT (
          [s].[shop] + N'.'
        ) COLLATE Latin1_General_100_BIN2 IN (
          N'S01.',
          N'S02.',
          N'S03.',
          N'S04.',
          N'S05.',
          N'S06.',
          N'S07.',
          N'S08.',
          N'S09.',
          N'S10.'
        )
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[s] AS [s]
