SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(NOT `s`.`size` IS NULL AND NOT `s`.`size` > 0), 0) AS `m0`
FROM `shop`.`s` AS `s`
