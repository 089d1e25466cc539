"""Functions that other dialects have besides those that all share, by sqlglot's class or by name.

None reads a file, a setting, a secret, a sequence, another table or a random source; none waits, locks or writes.
"""

from __future__ import annotations

DUCKDB = frozenset(
    """
    epoch epoch_ms epoch_us epoch_ns isfinite isinf isodow date_part datepart datesub date_sub julian
    make_date make_time
    make_timestamp today now get_current_timestamp current_localtimestamp timezone_hour timezone_minute
    century decade millennium era
    bool_and bool_or product fsum favg sumkahan mad entropy count_star sem
    list_contains list_has list_position list_count list_sum list_avg list_min list_max list_distinct list_sort
    list_unique list_any_value list_aggregate list_first list_last array_length len flatten
    strlen bit_count strip_accents damerau_levenshtein hamming jaccard jaro_similarity mismatches
    regexp_extract_all string_split str_split string_to_array levenshtein editdist3 nfc_normalize
    json_valid json_array_length json_extract_string json_structure map_values map_entries struct_pack
    gcd lcm even fdiv fmod ceiling nextafter signbit isnan trunc
    """.split()
)
"""Functions of DuckDB that sqlglot does not know by class."""

CLASSES = """
    Acosh AddMonths ApproxQuantile ApproxQuantiles ApproxTopK ArrayAppend ArrayCompact ArrayExcept ArrayFirst ArrayLast
    ArrayPrepend ArrayRemove ArrayUniqueAgg Asinh Atanh Base64DecodeString Base64Encode Booland Boolor Boolnot CheckJson
    CodePointsToString Convert ConvertTimezone Cosh CurrentTime CurrentTimestampLTZ DateFromUnixDate
    DateToDateStr DateToDi
    DatetimeAdd DatetimeDiff DatetimeSub DatetimeTrunc DecodeCase DiToDate Elt ExplodingGenerateSeries FarmFingerprint
    FromJson FromISO8601Date FromISO8601Timestamp Getbit GroupingId Int64 Float64 Inline IsArray IsAscii IsNullValue
    JSONArray JSONArrayAgg JSONBContains JSONBContainsAllTopKeys JSONBContainsAnyTopKeys JSONBContainsTopKey JSONBExists
    JSONBExtract JSONBExtractScalar JSONBool JSONExtractArray JSONObject JSONStripNulls JSONValueArray JustifyDays
    JustifyHours JustifyInterval LaxBool LaxFloat64 LaxInt64 LaxString List Localtime LowerHex MD5Digest MapFromEntries
    MonthsBetween Nanvl NextDay Normalize ParseBignumeric ParseDatetime ParseNumeric ParseTime ParseUrl Posexplode
    PosexplodeOuter PreviousDay RangeBucket Reduce RegexpILike RegexpInstr RegexpSubstr RegrAvgx RegrAvgy
    RegrSxx RegrSxy
    RegrSyy RtrimmedLength SHA SHA1Digest SHA2Digest SafeAdd SafeDivide SafeMultiply SafeNegate SafeSubtract
    Sinh Soundex
    StandardHash StrToMap StrToUnix String StringToArray StripNullValue Strtok StrtokToArray Stuff SubstringIndex
    Systimestamp Tanh Time TimeAdd TimeDiff TimeSlice TimeStrToDate TimeStrToUnix TimeSub TimeToTimeStr TimeTrunc
    TimestampLtzFromParts TimestampTzFromParts ToArray ToBoolean ToChar ToCodePoints ToDays ToDouble ToMap ToNumber
    ToVariant TsOrDiToDi TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime UnixDate UnixToTimeStr UtcDate UtcTime
    UtcTimestamp
    WeekStart WidthBucket
    """
"""Functions that sqlglot knows by class, for all dialects but DuckDB's."""

POSTGRES_NODES = "ArrayContainedBy Lateral JSONValue RawString"
POSTGRES = """
    age justify_days justify_hours date_part make_date make_time make_timestamp make_interval isfinite clock_timestamp
    statement_timestamp transaction_timestamp to_timestamp
    jsonb_typeof json_typeof jsonb_array_length json_array_length jsonb_array_elements json_array_elements
    jsonb_array_elements_text json_array_elements_text jsonb_object_keys json_object_keys jsonb_each json_each
    jsonb_each_text
    json_each_text jsonb_path_exists jsonb_path_query_first jsonb_extract_path jsonb_extract_path_text json_extract_path
    json_extract_path_text to_json to_jsonb jsonb_build_object json_build_object jsonb_build_array
    json_build_array jsonb_agg
    json_agg jsonb_object_agg jsonb_strip_nulls
    regexp_matches regexp_match regexp_split_to_array regexp_split_to_table regexp_instr regexp_substr
    btrim char_length character_length octet_length bit_length quote_literal to_hex strpos string_to_array
    string_to_table
    array_length array_lower array_upper array_ndims array_position array_positions array_to_string
    array_append array_cat
    array_remove cardinality num_nulls num_nonnulls
    bool_and bool_or every bit_and bit_or gcd lcm div cbrt scale min_scale trim_scale width_bucket mod
    lower_inc upper_inc lower_inf upper_inf isempty daterange numrange int4range int8range tsrange tstzrange
    row_to_json encode decode sha256 md5 starts_with unaccent similarity
    """
POSTGRES_TABLES = """
    ExplodingGenerateSeries jsonb_array_elements json_array_elements jsonb_array_elements_text json_array_elements_text
    jsonb_object_keys json_object_keys jsonb_each json_each jsonb_each_text json_each_text
    regexp_split_to_table string_to_table
    """
REDSHIFT = """
    getdate sysdate months_between add_months next_day regexp_substr regexp_instr regexp_count json_extract_path_text
    json_extract_array_element_text is_valid_json is_valid_json_array json_array_length json_parse can_json_parse len
    charindex strtol crc32 func_sha1 sha1 sha2 trunc dexp dlog1 dlog10 date_cmp timestamp_cmp interval_cmp
    convert_timezone
    is_integer is_varchar is_object is_array is_float is_decimal is_char is_boolean is_bigint is_smallint
    get_array_length
    ratio_to_report pct_rank
    """
MYSQL_NODES = "JSONValue Collate Xor MemberOf CharacterSet"
MYSQL = """
    now sysdate unix_timestamp curdate curtime utc_date utc_time utc_timestamp weekday dayname monthname
    dayofyear yearweek week to_days
    from_days to_seconds makedate maketime microsecond period_add period_diff sec_to_time time_to_sec timediff
    addtime subtime
    addtime date_format time_format get_format from_unixtime timestamp adddate subdate
    find_in_set field elt locate instr mid strcmp substring_index char_length character_length octet_length bit_length
    export_set make_set quote insert ord soundex regexp_instr regexp_substr regexp_like inet_aton inet_ntoa
    is_ipv4 is_ipv6
    is_uuid
    json_valid json_length json_type json_keys json_contains json_contains_path json_depth json_overlaps json_search
    json_unquote json_value json_quote json_arrayagg json_objectagg json_array json_object
    truncate conv crc32 format bin oct isnull interval bit_and bit_or bit_xor bit_count std stddev
    """
SQLITE = """
    date time datetime julianday unixepoch strftime timediff total printf format iif ifnull instr glob likely
    unlikely likelihood
    json_valid json_type json_array_length json_each json_tree json_extract json_quote json_array json_object
    json_group_array
    json_group_object json typeof hex unhex unicode char quote soundex sign trunc ltrim rtrim octet_length
    string_agg median
    percentile percentile_cont percentile_disc concat concat_ws max min regexp nullif
    """
_CLICKHOUSE_AGGREGATES = """
    count sum avg min max any anylast uniq uniqexact uniqcombined uniqcombined64 uniqhll12 argmin argmax grouparray
    groupuniqarray median medianexact quantile quantiles quantileexact quantilesexact quantiletdigest quantilestdigest
    quantiletiming quantiledeterministic topk sumkahan sumwithoverflow stddevpop stddevsamp varpop varsamp corr covarpop
    covarsamp skewpop skewsamp kurtpop kurtsamp entropy countdistinct groupbitand groupbitor groupbitxor
    uniqtheta first_value
    last_value sumdistinct avgweighted deltasum boundingratio maxmap minmap summap retention windowfunnel
    """
_COMBINATORS = ("", "if", "ornull", "ordefault", "distinct", "array", "ifornull", "ornullif", "arrayif")
CLICKHOUSE = (
    " ".join(name + end for name in _CLICKHOUSE_AGGREGATES.split() for end in _COMBINATORS)
    + """
    today yesterday now now64 todate todate32 todateordefault todateornull todateorzero todatetime
    todatetime64 todatetimeornull
    todatetime64ornull parsedatetimebesteffort parsedatetimebesteffortornull parsedatetimebesteffortorzero
    toyear toquarter
    tomonth todayofmonth todayofweek todayofyear tohour tominute tosecond tounixtimestamp tostartofyear tostartofquarter
    tostartofmonth tostartofweek tostartofday tostartofhour tostartofminute tostartofinterval tomonday
    toyyyymm toyyyymmdd
    tolastdayofmonth toisoweek toisoyear toweek toyearweek totimezone adddays addmonths addyears addhours
    addminutes addseconds
    subtractdays subtractmonths subtractyears subtracthours subtractminutes subtractseconds fromunixtimestamp
    datename age
    toint8 toint16 toint32 toint64 toint128 touint8 touint16 touint32 touint64 tofloat32 tofloat64 todecimal32
    todecimal64
    todecimal128 tostring tofixedstring touuid touuidornull toint8ornull toint16ornull toint32ornull toint64ornull
    touint8ornull touint16ornull touint32ornull touint64ornull tofloat32ornull tofloat64ornull todecimal32ornull
    todecimal64ornull toint32orzero toint64orzero touint32orzero touint64orzero tofloat32orzero tofloat64orzero
    toint32ordefault toint64ordefault accuratecastornull accuratecast totypename assumenotnull tonullable
    isnull isnotnull isnan
    isfinite isinfinite ifnull nullif zeroisnull coalesce if multiif
    empty notempty length lengthutf8 lower upper lowerutf8 upperutf8 reverse trimboth trimleft trimright
    concatwithseparator
    substring substringutf8 position positioncaseinsensitive positionutf8 locate match multimatchany
    multisearchany extract
    extractall extractgroups like notlike ilike replaceone replaceall replaceregexpone replaceregexpall splitbychar
    splitbystring splitbyregexp arraystringconcat startswith endswith countsubstrings isvalidutf8 tovalidutf8 leftpad
    domain domainwithoutwww topleveldomain protocol path cutquerystring format formatdatetime base64encode base64decode
    has hasall hasany indexof countequal arrayexists arrayall arraymap arrayfilter arraycount arraysum arraymin arraymax
    arrayavg arrayjoin arraysort arrayreversesort arraydistinct arrayuniq arrayelement arrayslice arrayconcat arrayfirst
    arraylast arrayreverse arrayflatten arraycompact arrayintersect arrayzip mapkeys mapvalues mapcontains
    tuple tupleelement array
    jsonhas jsonlength jsontype jsonextractstring jsonextractint jsonextractuint jsonextractfloat
    jsonextractbool jsonextractraw
    jsonextract jsonextractkeys jsonextractarrayraw simplejsonextractstring simplejsonhas isvalidjson
    json_value json_query json_exists
    abs round floor ceil trunc intdiv intdivorzero modulo positivemodulo plus minus multiply divide negate gcd
    lcm greatest least
    equals notequals less greater lessorequals greaterorequals and or not xor sign exp log log2 log10 sqrt pow power
    cityhash64 siphash64 xxhash64 halfmd5 murmurhash3_64 bitand bitor bitxor bitcount isipv4string isipv6string
    row_number rank dense_rank laginframe leadinframe lag lead
    """
)
CLICKHOUSE_CLASSES = " AnonymousAggFunc CombinedAggFunc ParameterizedAgg CombinedParameterizedAgg"
SPARK = """
    from_json to_json schema_of_json json_array_length json_object_keys json_tuple get_json_object from_csv
    add_months months_between next_day make_date make_timestamp make_interval make_dt_interval make_ym_interval weekday
    date_part datepart to_unix_timestamp unix_date unix_seconds unix_millis unix_micros timestamp_seconds
    timestamp_millis
    timestamp_micros date_from_unix_date to_utc_timestamp from_utc_timestamp window session_window
    try_to_number try_to_timestamp try_to_date try_add try_subtract try_multiply try_divide try_sum try_avg
    try_element_at
    to_number to_char to_varchar element_at cardinality size map_filter map_entries map_from_arrays map_concat
    transform_keys
    transform_values zip_with arrays_zip array_remove array_compact array_append array_prepend
    array_join array_union array_except array_insert sequence named_struct forall aggregate reduce exists
    filter try_cast nanvl isnan isnull isnotnull ifnull nvl nvl2 zeroifnull nullifzero bround rint pmod hypot
    bool_and bool_or every some any count_if max_by min_by first_value last_value collect_list collect_set
    histogram_numeric
    percentile approx_percentile regr_avgx regr_avgy skewness kurtosis mode try_mode approx_top_k
    char_length character_length octet_length bit_length instr locate substring_index soundex translate initcap
    regexp_instr regexp_substr regexp_count regexp_like parse_url url_decode url_encode try_url_decode
    find_in_set sentences crc32 xxhash64 hash
    luhn_check is_valid_utf8 typeof ilike like rlike elt overlay btrim conv bin stack inline inline_outer posexplode
    posexplode_outer explode_outer width_bucket signum positive negative is_variant_null variant_get try_variant_get
    timestampadd timestampdiff dateadd datediff date_diff getdate curdate now
    """
SNOWFLAKE = """
    try_to_number try_to_numeric try_to_decimal try_to_date try_to_timestamp try_to_timestamp_ntz try_to_timestamp_tz
    try_to_timestamp_ltz try_to_time try_to_boolean try_to_double try_parse_json to_number to_numeric
    to_decimal to_double
    to_boolean to_char to_varchar to_date to_time to_timestamp to_timestamp_ntz to_timestamp_tz
    to_timestamp_ltz to_variant
    to_array to_object to_json parse_json check_json strip_null_value typeof is_array is_object is_null_value is_integer
    is_varchar is_boolean is_decimal is_double is_date is_timestamp_ntz as_varchar as_integer as_number
    as_double as_date as_array
    as_object as_boolean object_keys object_construct object_construct_keep_null array_construct array_size
    array_contains
    array_position array_distinct array_compact arrays_overlap array_to_string array_agg get get_path get_ignore_case
    zeroifnull nullifzero nvl nvl2 iff decode equal_null ifnull regr_valx div0 div0null square haversine truncate
    dateadd datediff timestampadd timestampdiff timeadd timediff date_part last_day next_day previous_day
    monthname dayname
    months_between add_months time_slice convert_timezone date_from_parts timestamp_from_parts timestamp_ntz_from_parts
    current_time getdate sysdate sysdate systimestamp weekiso yearofweekiso
    booland_agg boolor_agg boolxor_agg bitand_agg bitor_agg bitxor_agg approx_percentile approximate_count_distinct hll
    max_by min_by mode median listagg object_agg minhash count_if ratio_to_report conditional_true_event
    conditional_change_event
    regexp_instr regexp_substr regexp_substr_all regexp_count regexp_like rlike editdistance
    jarowinkler_similarity charindex
    position startswith endswith contains collate collation strtok strtok_to_array split_part parse_url hash
    hash_agg sha1 sha2
    md5 md5_hex sha1_hex sha2_hex hex_encode hex_decode_string base64_encode base64_decode_string
    rtrimmed_length try_cast
    bitand bitor bitxor bitnot width_bucket flatten
    """
BIGQUERY = """
    safe_divide safe_add safe_subtract safe_multiply safe_negate ieee_divide is_inf is_nan approx_quantiles
    approx_top_count
    approx_top_sum parse_date parse_datetime parse_time parse_timestamp parse_numeric parse_bignumeric format_date
    format_datetime format_time format_timestamp datetime_add datetime_sub datetime_diff datetime_trunc
    time_add time_sub
    time_diff time_trunc timestamp_trunc date_from_unix_date timestamp_seconds timestamp_millis
    timestamp_micros unix_date
    json_value json_query json_query_array json_value_array json_extract_array json_extract_string_array
    json_type json_keys
    to_json to_json_string bool int64 float64 string lax_bool lax_int64 lax_float64 lax_string
    regexp_instr regexp_substr byte_length char_length character_length instr normalize normalize_and_casefold
    safe_convert_bytes_to_string
    to_code_points code_points_to_string to_hex from_hex soundex edit_distance contains_substr collate
    array_length array_to_string array_reverse array_first array_last array_slice array_includes array_concat_agg
    logical_and logical_or countif max_by min_by any_value string_agg bit_and bit_or bit_xor bit_count
    farm_fingerprint sha1 sha256 sha512 md5 div range_bucket generate_date_array generate_timestamp_array
    last_day zeroifnull nullifzero ordinal offset safe_offset safe_ordinal
    """
TRINO = """
    any_match all_match none_match element_at cardinality contains_sequence array_except array_union
    array_remove arrays_overlap
    array_frequency array_join array_first array_last trim_array slice sequence zip zip_with transform transform_keys
    transform_values map_agg map_concat map_entries map_filter map_from_entries map_zip_with multimap_agg
    histogram reduce
    reduce_agg flatten filter ngrams combinations
    is_nan is_finite is_infinite nan infinity truncate cbrt e width_bucket wilson_interval_lower
    wilson_interval_upper from_base to_base mod
    approx_percentile approx_distinct approx_most_frequent numeric_histogram arbitrary every bool_and bool_or checksum
    geometric_mean max_by min_by listagg entropy bitwise_and bitwise_or bitwise_xor bitwise_not
    bitwise_and_agg bitwise_or_agg bit_count
    json_array_length json_array_contains json_array_get json_size json_format json_parse json_exists
    json_value json_query
    is_json_scalar regexp_count regexp_position regexp_split regexp_extract_all codepoint char_length strpos
    split_to_map
    levenshtein_distance hamming_distance luhn_check soundex starts_with normalize to_utf8 from_utf8 word_stem
    translate url_extract_host
    url_extract_path url_extract_protocol url_extract_query url_extract_parameter url_extract_port url_encode
    url_decode to_hex from_hex to_base64 from_base64 xxhash64 sha1 sha256 sha512 crc32
    date_parse date_format format_datetime parse_datetime parse_duration human_readable_seconds from_unixtime
    to_unixtime from_unixtime_nanos
    from_iso8601_date from_iso8601_timestamp to_iso8601 at_timezone with_timezone timezone_hour
    timezone_minute last_day_of_month
    day_of_month day_of_week day_of_year week_of_year year_of_week yow dow doy millisecond to_milliseconds now
    typeof try_cast
    """
TSQL = """
    isjson isnumeric isdate patindex charindex len datalength try_convert convert try_parse parse choose iif square str
    stuff quotename difference soundex string_escape translate concat_ws format dateadd datediff datediff_big
    datepart datename
    datetrunc date_bucket datefromparts datetimefromparts datetime2fromparts timefromparts eomonth
    switchoffset todatetimeoffset
    sysdatetime sysutcdatetime sysdatetimeoffset getutcdate getdate count_big checksum binary_checksum
    checksum_agg stdev stdevp
    var varp approx_count_distinct json_value json_query json_path_exists isnull nullif log10 atn2 ceiling
    unicode nchar hashbytes
    approx_percentile_cont approx_percentile_disc grouping_id greatest least json_array json_object bit_count
    """
ORACLE = """
    to_char to_number to_date to_timestamp to_timestamp_tz to_dsinterval to_yminterval to_clob months_between
    add_months next_day
    last_day new_time numtodsinterval numtoyminterval sys_extract_utc from_tz instr instrb substrb lengthb regexp_instr
    regexp_substr regexp_count nls_upper nls_lower nls_initcap asciistr soundex remainder bitand nanvl nvl
    nvl2 lnnvl decode
    validate_conversion json_exists json_value json_query json_array json_object json_scalar median stats_mode
    approx_count
    approx_count_distinct approx_median ratio_to_report ora_hash standard_hash cardinality vsize rawtohex hextoraw
    systimestamp tz_offset to_binary_double to_binary_float any_value
    """
