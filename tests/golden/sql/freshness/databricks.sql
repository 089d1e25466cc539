SELECT
  COUNT(*) AS `n`,
  CAST(MAX(
    CASE
      WHEN `t`.`at` <= CAST('2026-11-22 06:00:00+00' AS TIMESTAMP_LTZ)
      THEN `t`.`at`
    END
  ) AS TIMESTAMP_NTZ) AS `m0`
FROM `shop`.`t` AS `t`
