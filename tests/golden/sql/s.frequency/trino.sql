-- the time between two moments is counted in seconds
SELECT
  MAX("s"."gap") AS "gap"
FROM (
  SELECT
    (
      TO_UNIXTIME("m"."t") - TO_UNIXTIME(LAG("m"."t") OVER (ORDER BY "m"."t"))
    ) AS "gap"
  FROM (
    SELECT DISTINCT
      "s"."loaded" AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS "m"
) AS "s"
