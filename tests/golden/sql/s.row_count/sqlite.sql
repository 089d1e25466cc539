SELECT
  COUNT(*) AS "n"
FROM "shop"."s" AS "s"
