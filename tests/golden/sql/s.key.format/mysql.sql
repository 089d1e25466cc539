-- patterns tell upper and lower case apart: COLLATE utf8mb4_bin
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN NOT REGEXP_INSTR(
          CAST(`s`.`key` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin,
          '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\\z'
        ) > 0
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`s` AS `s`
