SELECT
  (
    toFloat64(maxOrNull("s"."gap")) / 1000000
  ) AS "gap"
FROM (
  SELECT
    (
      toUnixTimestamp64Micro(toDateTime64("m"."t", 6, 'UTC')) - toUnixTimestamp64Micro(toDateTime64(lag("m"."t") OVER (ORDER BY "m"."t"), 6, 'UTC'))
    ) AS "gap"
  FROM (
    SELECT DISTINCT
      toDateTime64("s"."loaded", 6, 'UTC') AS "t"
    FROM "shop"."s" AS "s"
    WHERE
      NOT (
        "s"."loaded" IS NULL
      )
  ) AS "m"
) AS "s"
