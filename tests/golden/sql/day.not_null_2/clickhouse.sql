SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("t"."id" > 5 AND "t"."day" IS NULL, FALSE)), 0) AS "m0",
  COALESCE(countIf(coalesce("t"."id" > 5, FALSE)), 0) AS "m1"
FROM "shop"."t" AS "t"
