SELECT
  COUNT(*) AS "n"
FROM "shop"."t" AS "t"
