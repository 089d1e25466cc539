SELECT
  COUNT(*) AS "n"
FROM "shop"."t" "t"
