SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`s`.`size` < -128 OR `s`.`size` > 127), 0) AS `m0`
FROM `shop`.`s` AS `s`
