SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(NOT REGEXP_LIKE(`t`.`status`, '^[A-Z]+\\z')), 0) AS `m0`
FROM `shop`.`t` AS `t`
