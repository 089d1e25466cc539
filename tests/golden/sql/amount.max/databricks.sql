SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`t`.`status` = 'PAID' AND `t`.`amount` > 99.00), 0) AS `m0`,
  COALESCE(COUNT_IF(`t`.`status` = 'PAID'), 0) AS `m1`
FROM `shop`.`t` AS `t`
