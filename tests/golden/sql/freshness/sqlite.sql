-- times with a zone are read and written in UTC, by mk_utc()
SELECT
  COUNT(*) AS "n",
  MAX(CASE WHEN MK_UTC("t"."at") <= '2026-11-22 06:00:00' THEN MK_UTC("t"."at") END) AS "m0"
FROM "shop"."t" AS "t"
