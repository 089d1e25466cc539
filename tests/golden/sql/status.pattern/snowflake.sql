-- a pattern is found anywhere: REGEXP_INSTR(...) > 0
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE WHEN NOT REGEXP_INSTR("t"."status", '^[A-Z]+$', 1, 1, 0, 'c') > 0 THEN 1 END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
