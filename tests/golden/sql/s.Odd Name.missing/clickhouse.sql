SELECT
  count() AS "n",
  COALESCE(
    countIf(coalesce("s"."Odd ""Name" IS NULL OR "s"."Odd ""Name" IN ('n/a', 'none'), FALSE)),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
