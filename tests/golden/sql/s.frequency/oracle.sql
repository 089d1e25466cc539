-- the time between two moments is counted in seconds
SELECT
  MAX("s"."gap") AS "gap"
FROM (
  SELECT
    (
      EXTRACT(DAY FROM (
        CAST("m"."t" AS TIMESTAMP(6)) - CAST(LAG("m"."t") OVER (ORDER BY "m"."t") AS TIMESTAMP(6))
      )) * 86400 + EXTRACT(HOUR FROM (
        CAST("m"."t" AS TIMESTAMP(6)) - CAST(LAG("m"."t") OVER (ORDER BY "m"."t") AS TIMESTAMP(6))
      )) * 3600 + EXTRACT(MINUTE FROM (
        CAST("m"."t" AS TIMESTAMP(6)) - CAST(LAG("m"."t") OVER (ORDER BY "m"."t") AS TIMESTAMP(6))
      )) * 60 + EXTRACT(SECOND FROM (
        CAST("m"."t" AS TIMESTAMP(6)) - CAST(LAG("m"."t") OVER (ORDER BY "m"."t") AS TIMESTAMP(6))
      ))
    ) AS "gap"
  FROM (
    SELECT DISTINCT
      "s"."loaded" AS "t"
    FROM "shop"."s" "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) "m"
) "s"
