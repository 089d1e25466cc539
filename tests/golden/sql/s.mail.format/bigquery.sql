-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    SUM(
      CASE
        WHEN NOT REGEXP_CONTAINS(
          `s`.`mail`,
          '^[A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&\'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$'
        )
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
