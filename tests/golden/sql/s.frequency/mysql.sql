-- the time between two moments is counted in seconds
SELECT
  (
    MAX(`s`.`gap`)
  ) AS `gap`
FROM (
  SELECT
    CAST(TIMESTAMPDIFF(
      MICROSECOND,
      LAG(`m`.`t`) OVER (ORDER BY CASE WHEN NOT `m`.`t` IS NULL THEN 0 ELSE 1 END ASC, `m`.`t` ASC),
      `m`.`t`
    ) AS DOUBLE) / CAST(1000000 AS DOUBLE) AS `gap`
  FROM (
    SELECT DISTINCT
      `s`.`loaded` AS `t`
    FROM `shop`.`s` AS `s`
    WHERE
      NOT `s`.`loaded` IS NULL
  ) AS `m`
) AS `s`
