SELECT
  COUNT(*) AS `n`,
  CAST(MAX(CASE WHEN `s`.`born` <= CAST('2026-11-22' AS DATE) THEN `s`.`born` END) AS TIMESTAMP_NTZ) AS `m0`
FROM `shop`.`s` AS `s`
