SELECT
  COUNT(*) AS "n",
  MK_TS(MAX(MK_TS(CASE WHEN MK_TS("t"."at") <= '2026-11-22 06:00:00' THEN "t"."at" END))) AS "m0"
FROM "shop"."t" AS "t"
