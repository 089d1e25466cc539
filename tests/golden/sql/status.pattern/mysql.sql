-- patterns tell upper and lower case apart: COLLATE utf8mb4_bin
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS `n`,
  COALESCE(
    COUNT(
      CASE
        WHEN NOT REGEXP_INSTR(CAST(`t`.`status` AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_bin, '^[A-Z]+\\z') > 0
        THEN 1
      END
    ),
    0
  ) AS `m0`
FROM `shop`.`t` AS `t`
