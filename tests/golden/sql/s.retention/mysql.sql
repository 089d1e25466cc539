SELECT
  COUNT(*) AS `n`,
  MIN(`s`.`loaded`) AS `m0`
FROM `shop`.`s` AS `s`
