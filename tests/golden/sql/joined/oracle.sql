SELECT
  "answer"."_col_0" AS "_col_0"
FROM (
  SELECT
    COUNT(*) AS "_col_0"
  FROM "shop"."t" "t"
  JOIN "shop"."o" "o"
    ON "o"."k" = "t"."id"
  WHERE
    "t"."at" > TIMESTAMP '2026-11-22 06:00:00 +00:00'
) "answer"
FETCH FIRST 2 ROWS ONLY
