SELECT
  COUNT(*) AS `n`,
  COALESCE(COUNT_IF(NOT `t`.`status` IN ('PAID', 'O\'PEN')), 0) AS `m0`
FROM `shop`.`t` AS `t`
