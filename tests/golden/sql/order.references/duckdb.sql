SELECT
  (
    SELECT
      COUNT(*)
    FROM (
      SELECT
        "t"."order" AS k0
      FROM "d.p.t" AS "t"
      WHERE
        NOT "t"."order" IS NULL
    ) AS o
    ANTI JOIN (
      SELECT
        "Mixed Case" AS r0
      FROM "d.o.o"
    ) AS t
      ON "o"."k0" = "t"."r0"
  ) AS bad,
  (
    SELECT
      COUNT(*)
    FROM "d.p.t" AS "t"
  ) AS total
