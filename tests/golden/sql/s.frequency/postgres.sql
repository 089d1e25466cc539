SELECT
  CAST(EXTRACT(EPOCH FROM MAX("s"."gap")) AS DOUBLE PRECISION) AS "gap"
FROM (
  SELECT
    "m"."t" - LAG("m"."t") OVER (ORDER BY "m"."t") AS "gap"
  FROM (
    SELECT DISTINCT
      CAST("s"."loaded" AS TIMESTAMP) AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS "m"
) AS "s"
