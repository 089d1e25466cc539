-- a long list is written out
-- texts are compared as bytes, so case, accents and blanks at the end count
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN NOT `s`.`shop` IS NULL
        AND NOT CAST(CAST(`s`.`shop` AS CHAR CHARACTER SET utf8mb4) AS BINARY) IN ('S01', 'S02', 'S03', 'S04', 'S05', 'S06', 'S07', 'S08', 'S09', 'S10')
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
