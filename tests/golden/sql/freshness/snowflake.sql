-- times with a zone are compared and read in UTC
SELECT
  COUNT(*) AS "n",
  CAST(CONVERT_TIMEZONE(
    'UTC',
    MAX(
      CASE
        WHEN "t"."at" <= CAST('2026-11-22 06:00:00 +00:00' AS TIMESTAMP_TZ)
        THEN "t"."at"
      END
    )
  ) AS TIMESTAMP_NTZ) AS "m0"
FROM "shop"."t" AS "t"
