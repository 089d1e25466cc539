-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN MOD(CAST(`s`.`price` AS BIGNUMERIC), CAST('0.05' AS BIGNUMERIC)) <> 0
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
