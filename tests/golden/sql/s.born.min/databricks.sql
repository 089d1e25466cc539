SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`s`.`born` < CAST('1900-01-01' AS DATE)), 0) AS `m0`
FROM `shop`.`s` AS `s`
