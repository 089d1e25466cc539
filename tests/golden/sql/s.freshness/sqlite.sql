SELECT
  COUNT(*) AS "n",
  (
    MAX(CASE WHEN "s"."born" <= '2026-11-22' THEN "s"."born" END) || ' 00:00:00'
  ) AS "m0"
FROM "shop"."s" AS "s"
