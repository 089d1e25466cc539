SELECT
  count() AS "n",
  (
    count() - count("t"."day")
  ) AS "m0"
FROM "shop"."t" AS "t"
