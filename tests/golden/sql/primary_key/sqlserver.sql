SELECT
  COALESCE(SUM(CAST([g].[k] - 1 AS NUMERIC(38, 0))), 0) AS [bad],
  COALESCE(SUM(CAST([g].[k] AS NUMERIC(38, 0))), 0) AS [in_groups],
  (
    SELECT
      COUNT_BIG(*) AS [_col_0]
    FROM [shop].[t] AS [t]
  ) AS [total]
FROM (
  SELECT
    COUNT_BIG(*) AS [k]
  FROM [shop].[t] AS [t]
  WHERE
    NOT [t].[id] IS NULL AND NOT [t].[day] IS NULL
  GROUP BY
    [t].[id],
    [t].[day]
  HAVING
    COUNT_BIG(*) > 1
) AS [g]
