SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(modulo((
        accurateCast("s"."size", 'Nullable(Int128)')
      ), 5) <> 0, FALSE)
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
