-- texts are compared as bytes, so case, accents and blanks at the end count
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN CAST(CAST(`t`.`status` AS CHAR CHARACTER SET utf8mb4) AS BINARY) = 'PAID'
        AND `t`.`amount` > 99.00
        THEN 1
      END
    ),
    0
  ) AS `m0`,
  COALESCE(
    COUNT(
      CASE
        WHEN CAST(CAST(`t`.`status` AS CHAR CHARACTER SET utf8mb4) AS BINARY) = 'PAID'
        THEN 1
      END
    ),
    0
  ) AS `m1`
FROM `shop`.`t` AS `t`
