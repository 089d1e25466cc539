SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      CASE WHEN `t`.`weight` IS NOT NULL THEN ISNAN(`t`.`weight`) END
      OR NOT `t`.`weight` IN (CAST('1' AS DOUBLE), CAST('2.5' AS DOUBLE))
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
