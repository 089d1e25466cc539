-- times are texts: zeros at the end of their seconds are taken away
SELECT
  COUNT(*) AS "n",
  MIN(
    RTRIM(RTRIM(SUBSTR("s"."loaded", 1, 19) || '.' || SUBSTR("s"."loaded", 21, 6), '0'), '.')
  ) AS "m0"
FROM "shop"."s" AS "s"
