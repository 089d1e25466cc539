SELECT
  COUNT(*) AS "n",
  CAST(MAX(CASE WHEN "s"."born" <= DATE '2026-11-22' THEN "s"."born" END) AS TIMESTAMP(6)) AS "m0"
FROM "shop"."s" "s"
