-- the time between two moments is counted in seconds
SELECT
  MAX("s"."gap") AS "gap"
FROM (
  SELECT
    CAST(DATEDIFF(MICROSECOND, LAG("m"."t") OVER (ORDER BY "m"."t"), "m"."t") AS DOUBLE) / 1000000 AS "gap"
  FROM (
    SELECT DISTINCT
      "s"."loaded" AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS "m"
) AS "s"
