SELECT
  COUNT(*) AS `n`,
  CAST(MAX(
    CASE WHEN `t`.`at` <= CAST('2026-11-22 06:00:00' AS DATETIME(6)) THEN `t`.`at` END
  ) AS DATETIME(6)) AS `m0`
FROM `shop`.`t` AS `t`
