SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`s`.`Odd "Name` IS NULL OR `s`.`Odd "Name` IN ('n/a', 'none')), 0) AS `m0`
FROM `shop`.`s` AS `s`
