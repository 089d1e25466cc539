SELECT
  COUNT(*) AS "n",
  CAST(MIN("s"."loaded") AS TIMESTAMP) AS "m0"
FROM "shop"."s" AS "s"
