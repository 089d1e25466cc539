SELECT
  COUNT(*) AS "n",
  COUNT(*) - COUNT("t"."id") AS "m0"
FROM "shop"."t" AS "t"
