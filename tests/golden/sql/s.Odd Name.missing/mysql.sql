-- texts are compared as bytes, so case, accents and blanks at the end count
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN `s`.`Odd "Name` IS NULL
        OR CAST(CAST(`s`.`Odd "Name` AS CHAR CHARACTER SET utf8mb4) AS BINARY) IN ('n/a', 'none')
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
