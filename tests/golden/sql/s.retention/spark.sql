SELECT
  COUNT(*) AS `n`,
  CAST(MIN(`s`.`loaded`) AS TIMESTAMP_NTZ) AS `m0`
FROM `shop`.`s` AS `s`
