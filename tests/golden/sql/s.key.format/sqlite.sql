-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN NOT MK_REGEXP('^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$', "s"."key" COLLATE BINARY)
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
