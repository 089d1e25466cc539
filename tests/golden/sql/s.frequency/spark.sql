SELECT
  CAST((
    (
      (
        (
          CAST(EXTRACT(DAY FROM MAX(`s`.`gap`)) AS DECIMAL(20, 6)) * 86400
        ) + (
          CAST(EXTRACT(HOUR FROM MAX(`s`.`gap`)) AS DECIMAL(20, 6)) * 3600
        )
      ) + (
        CAST(EXTRACT(MINUTE FROM MAX(`s`.`gap`)) AS DECIMAL(20, 6)) * 60
      )
    ) + (
      CAST(EXTRACT(SECOND FROM MAX(`s`.`gap`)) AS DECIMAL(20, 6)) * 1
    )
  ) AS DOUBLE) AS `gap`
FROM (
  SELECT
    (
      `m`.`t` - LAG(`m`.`t`) OVER (ORDER BY `m`.`t` NULLS LAST)
    ) AS `gap`
  FROM (
    SELECT DISTINCT
      CAST(`s`.`loaded` AS TIMESTAMP_NTZ) AS `t`
    FROM `shop`.`s` AS `s`
    WHERE
      NOT `s`.`loaded` IS NULL
  ) AS `m`
) AS `s`
