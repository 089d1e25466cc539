SELECT
  COUNT(*) AS `n`,
  DATETIME(
    MAX(
      CASE WHEN `t`.`at` <= CAST('2026-11-22 06:00:00+00' AS TIMESTAMP) THEN `t`.`at` END
    ),
    'UTC'
  ) AS `m0`
FROM `shop`.`t` AS `t`
