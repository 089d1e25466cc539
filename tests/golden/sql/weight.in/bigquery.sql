-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    SUM(
      CASE
        WHEN IS_NAN(`t`.`weight`)
        OR NOT `t`.`weight` IN (CAST('1' AS FLOAT64), CAST('2.5' AS FLOAT64))
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
