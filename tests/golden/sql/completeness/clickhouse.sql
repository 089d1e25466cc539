-- whole numbers are added and multiplied in 128 bits: those of 64 bits wrap around
SELECT
  count() AS "n",
  (
    toInt128((
      count() * 3
    )) - (
      (
        toInt128(count("t"."id")) + (
          (
            count("t"."status") + (
              count("t"."day")
            )
          )
        )
      )
    )
  ) AS "m0"
FROM "shop"."t" AS "t"
