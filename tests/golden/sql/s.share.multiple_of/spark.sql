-- x / y is a division of floats
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      CASE WHEN `s`.`share` IS NOT NULL THEN ISNAN(`s`.`share`) END
      OR ABS(
        (
          (
            CAST(`s`.`share` AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          )
        )
      ) > CAST('1e299' AS DOUBLE)
      OR ABS(
        (
          (
            CAST(`s`.`share` AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          )
        ) - ROUND(
          (
            (
              CAST(`s`.`share` AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
            )
          )
        )
      ) > (
        CAST('1e-9' AS DOUBLE) + ABS(
          (
            (
              CAST(`s`.`share` AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
            )
          )
        ) * CAST('4.5e-16' AS DOUBLE)
      )
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
