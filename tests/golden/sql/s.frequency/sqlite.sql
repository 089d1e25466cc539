-- the time between two moments is counted in seconds
SELECT
  MAX("s"."gap") AS "gap"
FROM (
  SELECT
    MK_SECONDS(LAG("m"."t") OVER (ORDER BY "m"."t" NULLS LAST), "m"."t") AS "gap"
  FROM (
    SELECT DISTINCT
      MK_TS("s"."loaded") AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS "m"
) AS "s"
