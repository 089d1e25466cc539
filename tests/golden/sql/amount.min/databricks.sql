SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`t`.`amount` < 0.01), 0) AS `m0`
FROM `shop`.`t` AS `t`
