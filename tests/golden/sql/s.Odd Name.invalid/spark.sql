SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      NOT `s`.`Odd "Name` IS NULL
      AND NOT `s`.`Odd "Name` IN ('a', 'b\'c', 'back\\\\slash')
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
