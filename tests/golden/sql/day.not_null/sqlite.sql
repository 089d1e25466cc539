SELECT
  COUNT(*) AS "n",
  COUNT(*) - COUNT("t"."day") AS "m0"
FROM "shop"."t" AS "t"
