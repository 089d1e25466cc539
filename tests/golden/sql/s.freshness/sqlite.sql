SELECT
  COUNT(*) AS "n",
  MK_TS(MAX(CASE WHEN "s"."born" <= '2026-11-22' THEN "s"."born" END)) AS "m0"
FROM "shop"."s" AS "s"
