-- x / y is a division of floats
-- floats are rounded away from zero, after a shift of the decimal point, as DuckDB does
-- NaN equals itself and is greater than any other float, as in DuckDB
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        isNaN("s"."share")
        OR (
          abs((
            (
              toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
            )
          )) > CAST('1e299', 'Float64')
          OR (
            isNaN(abs((
              (
                toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
              )
            )))
            AND NOT isNaN(CAST('1e299', 'Float64'))
          )
        )
        OR (
          abs(
            (
              (
                (
                  toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                )
              ) - if(
                coalesce(
                  isFinite(
                    toFloat64((
                      (
                        toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                      )
                    ))
                  ),
                  FALSE
                ),
                (
                  sign(
                    toFloat64((
                      (
                        toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                      )
                    ))
                  ) * if(
                    (
                      (
                        abs(
                          toFloat64((
                            (
                              toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                            )
                          ))
                        ) - floor(
                          abs(
                            toFloat64((
                              (
                                toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                              )
                            ))
                          )
                        )
                      ) >= toFloat64('0.5')
                    ),
                    (
                      floor(
                        abs(
                          toFloat64((
                            (
                              toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                            )
                          ))
                        )
                      ) + 1
                    ),
                    floor(
                      abs(
                        toFloat64((
                          (
                            toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                          )
                        ))
                      )
                    )
                  )
                ),
                toFloat64((
                  (
                    toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                  )
                ))
              )
            )
          ) > (
            (
              CAST('1e-9', 'Float64') + (
                abs((
                  (
                    toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                  )
                )) * CAST('4.5e-16', 'Float64')
              )
            )
          )
          OR (
            isNaN(
              abs(
                (
                  (
                    (
                      toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                    )
                  ) - if(
                    coalesce(
                      isFinite(
                        toFloat64((
                          (
                            toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                          )
                        ))
                      ),
                      FALSE
                    ),
                    (
                      sign(
                        toFloat64((
                          (
                            toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                          )
                        ))
                      ) * if(
                        (
                          (
                            abs(
                              toFloat64((
                                (
                                  toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                                )
                              ))
                            ) - floor(
                              abs(
                                toFloat64((
                                  (
                                    toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                                  )
                                ))
                              )
                            )
                          ) >= toFloat64('0.5')
                        ),
                        (
                          floor(
                            abs(
                              toFloat64((
                                (
                                  toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                                )
                              ))
                            )
                          ) + 1
                        ),
                        floor(
                          abs(
                            toFloat64((
                              (
                                toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                              )
                            ))
                          )
                        )
                      )
                    ),
                    toFloat64((
                      (
                        toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                      )
                    ))
                  )
                )
              )
            )
            AND NOT isNaN(
              (
                (
                  CAST('1e-9', 'Float64') + (
                    abs((
                      (
                        toFloat64("s"."share") / toFloat64(CAST('0.1', 'Float64'))
                      )
                    )) * CAST('4.5e-16', 'Float64')
                  )
                )
              )
            )
          )
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
