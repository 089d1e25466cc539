SELECT
  count() AS "n",
  COALESCE(countIf(coalesce(toInt64(lengthUTF8("t"."status")) < 2, FALSE)), 0) AS "m0"
FROM "shop"."t" AS "t"
