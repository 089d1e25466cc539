SELECT
  COALESCE(SUM("g"."k" - 1), 0) AS "bad",
  COALESCE(SUM("g"."k"), 0) AS "in_groups",
  (
    SELECT
      COUNT(*) AS "_col_0"
    FROM "shop"."t" AS "t"
  ) AS "total"
FROM (
  SELECT
    COUNT(*) AS "k"
  FROM "shop"."t" AS "t"
  WHERE
    NOT "t"."id" IS NULL AND NOT "t"."day" IS NULL
  GROUP BY
    "t"."id",
    "t"."day"
  HAVING
    COUNT(*) > 1
) AS "g"
