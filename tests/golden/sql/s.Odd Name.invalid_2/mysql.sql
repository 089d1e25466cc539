-- patterns tell upper and lower case apart: COLLATE utf8mb4_bin
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN NOT `s`.`Odd "Name` IS NULL
        AND NOT REGEXP_INSTR(
          CAST(`s`.`Odd "Name` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin,
          '^[A-Z][0-9]+\\z'
        ) > 0
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
