-- times with a zone are read and written in UTC, by mk_utc()
SELECT
  "answer"."_col_0" AS "_col_0"
FROM (
  SELECT
    COUNT(*) AS "_col_0"
  FROM "shop"."t" AS "t"
  JOIN "shop"."o" AS "o"
    ON "o"."k" = "t"."id"
  WHERE
    MK_UTC("t"."at") > '2026-11-22 06:00:00'
) AS "answer"
LIMIT 2
