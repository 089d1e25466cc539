SELECT
  *
FROM (
  SELECT
    COUNT(*)
  FROM "d.p.t" AS t
  JOIN "d.o.o" AS o
    ON o.k = t.id
  WHERE
    t."at" > CAST('2026-11-22 06:00:00+00' AS TIMESTAMPTZ)
) AS answer
LIMIT 2
