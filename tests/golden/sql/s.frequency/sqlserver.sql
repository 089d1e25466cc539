-- the time between two moments is counted in seconds
SELECT
  MAX([s].[gap]) AS [gap]
FROM (
  SELECT
    CAST(DATEDIFF_BIG(
      MICROSECOND,
      LAG([m].[t]) OVER (ORDER BY CASE WHEN [m].[t] IS NULL THEN 1 ELSE 0 END, [m].[t]),
      [m].[t]
    ) AS FLOAT) / 1000000 AS [gap]
  FROM (
    SELECT DISTINCT
      [s].[loaded] AS [t]
    FROM [shop].[s] AS [s]
    WHERE
      NOT [s].[loaded] IS NULL
  ) AS [m]
) AS [s]
