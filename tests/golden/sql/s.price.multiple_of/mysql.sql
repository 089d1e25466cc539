-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN (
          (
            CAST(`s`.`price` AS DECIMAL(38, 2)) % CAST(0.05 AS DECIMAL(38, 2))
          ) + 0
        ) <> 0
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
