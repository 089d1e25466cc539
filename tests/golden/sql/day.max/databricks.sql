SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`t`.`day` > CAST('2026-11-22' AS DATE)), 0) AS `m0`
FROM `shop`.`t` AS `t`
