-- a remainder of decimals is one of their last places
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN MK_EXACT(
          (
            CAST(ROUND(ROUND("s"."price", 2) * 100.0) AS INTEGER) % CAST(ROUND(0.05 * 100.0) AS INTEGER)
          ) / 100.0,
          2
        ) <> 0
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
