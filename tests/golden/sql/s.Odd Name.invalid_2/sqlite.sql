-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN NOT "s"."Odd ""Name" IS NULL
        AND NOT MK_REGEXP('^[A-Z]\d+$', "s"."Odd ""Name" COLLATE BINARY)
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
