-- x / y is a division of floats
-- ROUND of a float takes halves away from zero
-- it holds no NaN and no infinity
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN CASE WHEN `s`.`share` IS NULL THEN NULL ELSE FALSE END
        OR ABS(
          (
            (
              CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
            )
          )
        ) > CAST(1e299 AS DOUBLE)
        OR ABS(
          (
            (
              CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
            )
          ) - CASE
            WHEN ABS(
              (
                (
                  (
                    CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
                  )
                )
              ) - TRUNCATE(
                (
                  (
                    (
                      CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
                    )
                  )
                ),
                0
              )
            ) >= 0.5
            THEN TRUNCATE(
              (
                (
                  (
                    CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
                  )
                )
              ),
              0
            ) + SIGN(
              (
                (
                  (
                    CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
                  )
                )
              )
            )
            ELSE TRUNCATE(
              (
                (
                  (
                    CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
                  )
                )
              ),
              0
            )
          END
        ) > (
          CAST(1e-9 AS DOUBLE) + ABS(
            (
              (
                CAST(`s`.`share` AS DOUBLE) / CAST(CAST(0.1 AS DOUBLE) AS DOUBLE)
              )
            )
          ) * CAST(4.5e-16 AS DOUBLE)
        )
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
