-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE
        WHEN NOT "s"."Odd ""Name" IS NULL
        AND NOT "s"."Odd ""Name" IN ('a', 'b''c', 'back\\slash')
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
