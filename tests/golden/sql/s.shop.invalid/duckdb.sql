SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(
      NOT "shop" IS NULL
      AND NOT "shop" IN (
        SELECT
          UNNEST(['S01', 'S02', 'S03', 'S04', 'S05', 'S06', 'S07', 'S08', 'S09', 'S10'])
      )
    ),
    0
  ) AS m0
FROM "d.q.s" AS "s"
