SELECT
  count() AS "n",
  toDateTime64(
    maxOrNull(
      CASE
        WHEN "t"."at" <= toDateTime64('2026-11-22 06:00:00', 6, 'UTC')
        THEN "t"."at"
      END
    ),
    6,
    'UTC'
  ) AS "m0"
FROM "shop"."t" AS "t"
