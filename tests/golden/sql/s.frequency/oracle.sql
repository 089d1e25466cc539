-- the time between two moments is counted in seconds
SELECT
  MAX("s"."gap") AS "gap"
FROM (
  SELECT
    (
      EXTRACT(DAY FROM (
        "m"."t" - LAG("m"."t") OVER (ORDER BY "m"."t")
      )) * 86400 + EXTRACT(HOUR FROM (
        "m"."t" - LAG("m"."t") OVER (ORDER BY "m"."t")
      )) * 3600 + EXTRACT(MINUTE FROM (
        "m"."t" - LAG("m"."t") OVER (ORDER BY "m"."t")
      )) * 60 + EXTRACT(SECOND FROM (
        "m"."t" - LAG("m"."t") OVER (ORDER BY "m"."t")
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
