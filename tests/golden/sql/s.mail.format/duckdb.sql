SELECT
  COUNT(*) AS n,
  COALESCE(
    COUNT_IF(
      NOT REGEXP_MATCHES(
        "mail",
        '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$'
      )
    ),
    0
  ) AS m0
FROM "d.q.s" AS "s"
