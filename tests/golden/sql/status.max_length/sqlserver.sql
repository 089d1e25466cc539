-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT_BIG(*) AS [n],
  COALESCE(
    COUNT_BIG(
      CASE
        WHEN (
          LEN((
            [t].[status] + N'.'
          ) COLLATE Latin1_General_100_CI_AS_SC) - 1
        ) > 9
        THEN 1
      END
    ),
    0
  ) AS [m0]
FROM [shop].[t] AS [t]
