SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      CASE WHEN `t`.`weight` IS NOT NULL THEN ISNAN(`t`.`weight`) END
      OR `t`.`weight` < CAST('0' AS DOUBLE)
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
