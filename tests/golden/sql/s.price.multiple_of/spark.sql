SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      (
        (
          CAST(`s`.`price` AS DECIMAL(38, 2))
        ) % (
          CAST('0.05' AS DECIMAL(38, 2))
        )
      ) <> 0
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
