-- aggregates are told to give NULL over no rows: sumOrNull, maxOrNull, ...
-- sums of Int64 are made of Int128, which does not overflow
-- whole numbers are added and multiplied in 128 bits: those of 64 bits wrap around
SELECT
  COALESCE(sumOrNull(toInt128((
    toInt128("g"."k") - 1
  ))), 0) AS "bad",
  COALESCE(sumOrNull(toInt128("g"."k")), 0) AS "in_groups",
  (
    SELECT
      count() AS "_col_0"
    FROM "shop"."t" AS "t"
  ) AS "total"
FROM (
  SELECT
    count() AS "k"
  FROM "shop"."t" AS "t"
  WHERE
    NOT (
      "t"."id" IS NULL
    )
  GROUP BY
    "t"."id"
  HAVING
    count() > 1
) AS "g"
