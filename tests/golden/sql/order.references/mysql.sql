-- texts are compared as bytes, so case, accents and blanks at the end count
-- a sub-query about an outer text holds RAND() >= 0, which keeps it from being cached
SELECT
  (
    SELECT
      COUNT(*) AS `_col_0`
    FROM (
      SELECT
        `t`.`order` AS `k0`
      FROM `shop`.`t` AS `t`
      WHERE
        NOT `t`.`order` IS NULL
    ) AS `o`
    WHERE
      NOT EXISTS(
        SELECT
          1
        FROM (
          SELECT
            `t2`.`Mixed Case` AS `r0`
          FROM `shop`.`o` AS `t2`
        ) AS `t`
        WHERE
          (
            CAST(CAST(`o`.`k0` AS CHAR CHARACTER SET utf8mb4) AS BINARY) = CAST(CAST(`t`.`r0` AS CHAR CHARACTER SET utf8mb4) AS BINARY)
          )
          AND RAND() >= 0
      )
  ) AS `bad`,
  (
    SELECT
      COUNT(*) AS `_col_0`
    FROM `shop`.`t` AS `t`
  ) AS `total`
