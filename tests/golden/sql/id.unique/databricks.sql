-- sums of BIGINT are made of DECIMAL(38, 0), which does not overflow
SELECT
  COALESCE(SUM(CAST(`g`.`k` - 1 AS DECIMAL(38, 0))), 0) AS `bad`,
  COALESCE(SUM(CAST(`g`.`k` AS DECIMAL(38, 0))), 0) AS `in_groups`,
  (
    SELECT
      COUNT(*) AS `_col_0`
    FROM `shop`.`t` AS `t`
  ) AS `total`
FROM (
  SELECT
    COUNT(*) AS `k`
  FROM `shop`.`t` AS `t`
  WHERE
    NOT `t`.`id` IS NULL
  GROUP BY
    `t`.`id`
  HAVING
    COUNT(*) > 1
) AS `g`
