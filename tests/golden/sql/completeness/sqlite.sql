SELECT
  COUNT(*) AS "n",
  COUNT(*) * 3 - (
    COUNT("t"."id") + (
      COUNT("t"."status") + (
        COUNT("t"."day")
      )
    )
  ) AS "m0"
FROM "shop"."t" AS "t"
