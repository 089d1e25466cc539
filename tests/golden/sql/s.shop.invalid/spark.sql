SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      NOT `s`.`shop` IS NULL
      AND NOT `s`.`shop` IN ('S01', 'S02', 'S03', 'S04', 'S05', 'S06', 'S07', 'S08', 'S09', 'S10')
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
