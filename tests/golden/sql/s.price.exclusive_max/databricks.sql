SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(NOT `s`.`price` IS NULL AND NOT `s`.`price` < 10.50), 0) AS `m0`
FROM `shop`.`s` AS `s`
