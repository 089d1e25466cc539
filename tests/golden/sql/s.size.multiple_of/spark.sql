SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      (
        (
          (
            CAST(`s`.`size` AS DECIMAL(38, 0))
          )
        ) % (
          5
        )
      ) <> 0
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
