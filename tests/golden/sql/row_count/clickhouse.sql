SELECT
  count() AS "n"
FROM "shop"."t" AS "t"
