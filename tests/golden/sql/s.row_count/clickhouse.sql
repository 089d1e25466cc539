SELECT
  count() AS "n"
FROM "shop"."s" AS "s"
