SELECT
  DATE_PART('epoch', MAX("gap")) AS gap
FROM (
  SELECT
    "t" - LAG("t") OVER (ORDER BY "t") AS gap
  FROM (
    SELECT DISTINCT
      CAST("s"."loaded" AS TIMESTAMP) AS t
    FROM "d.q.s" AS "s"
    WHERE
      NOT "s"."loaded" IS NULL
  ) AS m
) AS s
