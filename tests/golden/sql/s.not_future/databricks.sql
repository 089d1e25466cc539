SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(`s`.`born` > CAST('2026-11-22' AS DATE)), 0) AS `m0`
FROM `shop`.`s` AS `s`
