-- x / y is a division of floats
-- NaN is greater than all numbers, and equals itself
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN IS_NAN(`s`.`share`)
        OR (
          IS_NAN(
            ABS((
              CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
            ))
          )
          OR ABS((
            CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
          )) > CAST('1e299' AS FLOAT64)
        )
        OR (
          (
            IS_NAN(
              ABS(
                (
                  CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
                ) - ROUND((
                  CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
                ), 0)
              )
            )
            AND NOT IS_NAN(
              (
                CAST('1e-9' AS FLOAT64) + ABS((
                  CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
                )) * CAST('4.5e-16' AS FLOAT64)
              )
            )
          )
          OR ABS(
            (
              CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
            ) - ROUND((
              CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
            ), 0)
          ) > (
            CAST('1e-9' AS FLOAT64) + ABS((
              CAST(`s`.`share` AS FLOAT64) / CAST(CAST('0.1' AS FLOAT64) AS FLOAT64)
            )) * CAST('4.5e-16' AS FLOAT64)
          )
        )
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
