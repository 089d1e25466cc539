SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(CHAR_LENGTH(`t`.`status`) < 2), 0) AS `m0`
FROM `shop`.`t` AS `t`
