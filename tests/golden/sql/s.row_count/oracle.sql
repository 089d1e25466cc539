SELECT
  COUNT(*) AS "n"
FROM "shop"."s" "s"
