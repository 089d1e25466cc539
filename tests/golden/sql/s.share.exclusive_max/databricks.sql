SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      CASE WHEN `s`.`share` IS NOT NULL THEN ISNAN(`s`.`share`) END
      OR (
        NOT `s`.`share` IS NULL AND NOT `s`.`share` < CAST('1' AS DOUBLE)
      )
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
