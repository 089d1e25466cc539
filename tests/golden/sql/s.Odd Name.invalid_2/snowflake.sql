-- a pattern is found anywhere: REGEXP_INSTR(...) > 0
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN NOT "s"."Odd ""Name" IS NULL
        AND NOT REGEXP_INSTR("s"."Odd ""Name", '^[A-Z]\\d+$', 1, 1, 0, 'c') > 0
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
