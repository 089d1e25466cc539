SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`t`.`id` > 5 AND `t`.`day` IS NULL), 0) AS `m0`,
  COALESCE(COUNT_IF(`t`.`id` > 5), 0) AS `m1`
FROM `shop`.`t` AS `t`
