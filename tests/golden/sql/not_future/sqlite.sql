-- times with a zone are read and written in UTC, by mk_utc()
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN MK_UTC("t"."at") > '2026-11-22 06:00:00' THEN 1 END), 0) AS "m0"
FROM "shop"."t" AS "t"
