-- texts are compared as bytes, so case, accents and blanks at the end count
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN NOT CAST(CAST(`t`.`status` AS CHAR CHARACTER SET utf8mb4) AS BINARY) IN ('PAID', 'O''PEN')
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
