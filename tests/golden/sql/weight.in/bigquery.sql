-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN IS_NAN(`t`.`weight`)
        OR NOT `t`.`weight` IN (CAST('1' AS FLOAT64), CAST('2.5' AS FLOAT64))
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
