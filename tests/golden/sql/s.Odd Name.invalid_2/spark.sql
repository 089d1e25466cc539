SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      NOT `s`.`Odd "Name` IS NULL
      AND NOT REGEXP_LIKE(`s`.`Odd "Name`, '^[A-Z][0-9]+\\z')
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
