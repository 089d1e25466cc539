-- NaN cannot be held: nothing is NaN
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN (
          "s"."share" <> "s"."share"
        )
        OR (
          NOT "s"."share" IS NULL AND NOT "s"."share" < 1
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
