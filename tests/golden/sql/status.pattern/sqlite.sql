-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(CASE WHEN NOT MK_REGEXP('^[A-Z]+$', "t"."status" COLLATE BINARY) THEN 1 END),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
