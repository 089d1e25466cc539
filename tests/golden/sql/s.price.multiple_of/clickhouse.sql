SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        divideDecimal(
          toDecimal256(
            modulo(
              toInt256(
                (
                  toDecimal256(CAST("s"."price", 'Nullable(Decimal(38, 2))'), 2) * toDecimal256('100', 0)
                )
              ),
              toInt256((
                toDecimal256(CAST('0.05', 'Decimal(38, 2)'), 2) * toDecimal256('100', 0)
              ))
            ),
            0
          ),
          toDecimal256('100', 0),
          2
        ) <> 0,
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
