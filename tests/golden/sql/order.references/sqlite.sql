SELECT
  (
    SELECT
      COUNT(*) AS "_col_0"
    FROM (
      SELECT
        "t"."order" COLLATE BINARY AS "k0"
      FROM "shop"."t" AS "t"
      WHERE
        NOT "t"."order" IS NULL
    ) AS "o"
    WHERE
      NOT EXISTS(
        SELECT
          1
        FROM (
          SELECT
            "t2"."Mixed Case" COLLATE BINARY AS "r0"
          FROM "shop"."o" AS "t2"
        ) AS "t"
        WHERE
          "o"."k0" = "t"."r0"
      )
  ) AS "bad",
  (
    SELECT
      COUNT(*) AS "_col_0"
    FROM "shop"."t" AS "t"
  ) AS "total"
