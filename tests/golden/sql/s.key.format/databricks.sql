SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      NOT REGEXP_LIKE(`s`.`key`, '^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\\z')
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
