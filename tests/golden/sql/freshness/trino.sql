SELECT
  COUNT(*) AS "n",
  CAST(AT_TIMEZONE(
    MAX(
      CASE
        WHEN "t"."at" <= CAST('2026-11-22 06:00:00 UTC' AS TIMESTAMP(6) WITH TIME ZONE)
        THEN "t"."at"
      END
    ),
    'UTC'
  ) AS TIMESTAMP(6)) AS "m0"
FROM "shop"."t" AS "t"
