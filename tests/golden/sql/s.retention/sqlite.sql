SELECT
  COUNT(*) AS "n",
  MK_TS(MIN(MK_TS("s"."loaded"))) AS "m0"
FROM "shop"."s" AS "s"
