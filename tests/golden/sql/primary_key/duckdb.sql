SELECT
  COALESCE(SUM("k" - 1), 0) AS bad,
  COALESCE(SUM("k"), 0) AS in_groups,
  (
    SELECT
      COUNT(*)
    FROM "d.p.t" AS "t"
  ) AS total
FROM (
  SELECT
    COUNT(*) AS k
  FROM "d.p.t" AS "t"
  WHERE
    NOT "t"."id" IS NULL AND NOT "t"."day" IS NULL
  GROUP BY
    "t"."id",
    "t"."day"
  HAVING
    COUNT(*) > 1
) AS g
