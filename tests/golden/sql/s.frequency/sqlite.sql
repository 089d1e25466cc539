-- times are texts: zeros at the end of their seconds are taken away
-- the time between two moments is in microseconds
SELECT
  (
    MAX("s"."gap") / 1000000.0
  ) AS "gap"
FROM (
  SELECT
    MK_MICROS(LAG("m"."t") OVER (ORDER BY "m"."t" NULLS LAST), "m"."t") AS "gap"
  FROM (
    SELECT DISTINCT
      RTRIM(RTRIM(SUBSTR("s"."loaded", 1, 19) || '.' || SUBSTR("s"."loaded", 21, 6), '0'), '.') AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS "m"
) AS "s"
