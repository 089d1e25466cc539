SELECT
  count() AS "n",
  COALESCE(
    countIf(coalesce("t"."at" > toDateTime64('2026-11-22 06:00:00', 6, 'UTC'), FALSE)),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
