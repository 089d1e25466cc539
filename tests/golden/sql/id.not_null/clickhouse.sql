SELECT
  count() AS "n",
  (
    count() - count("t"."id")
  ) AS "m0"
FROM "shop"."t" AS "t"
