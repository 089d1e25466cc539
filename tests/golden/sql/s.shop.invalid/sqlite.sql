-- a long list is written out
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN NOT "s"."shop" IS NULL
        AND NOT "s"."shop" COLLATE BINARY IN ('S01', 'S02', 'S03', 'S04', 'S05', 'S06', 'S07', 'S08', 'S09', 'S10')
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
