-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN NOT MK_REGEXP(
          '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$',
          "s"."mail" COLLATE BINARY
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
