SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT_IF(
      NOT REGEXP_LIKE(
        `s`.`mail`,
        '^[A-Za-z0-9!\\#$%\\&\'*+/=?\\^_`{|}\\~-]+(?:\\.[A-Za-z0-9!\\#$%\\&\'*+/=?\\^_`{|}\\~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\z'
      )
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
