"""What SQL of every dialect may be made of: classes of nodes and of functions. Anything else is refused."""

from __future__ import annotations

NODES = frozenset(
    """
    Select From Join Where Group Having Qualify Order Ordered Limit Offset Fetch Distinct With CTE Subquery Table
    TableAlias Alias Aliases Column Identifier Literal Star Paren Tuple Null Boolean Var Values Union Except Intersect
    Cube Rollup GroupingSets Window WindowSpec Filter WithinGroup IgnoreNulls RespectNulls Lambda Kwarg
    Add Sub Mul Div IntDiv Mod Neg Dot Bracket Slice DPipe BitwiseAnd BitwiseOr BitwiseXor BitwiseNot
    BitwiseLeftShift BitwiseRightShift EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is Not Between In Like ILike
    SimilarTo Escape Glob Any All DataType DataTypeParam Interval IntervalSpan AtTimeZone PropertyEQ
    Collate JSONPath JSONPathRoot JSONPathKey JSONPathSubscript JSONPathWildcard JSONPathSelector Unnest
    """.split()
)
"""Classes of sqlglot's tree that are no functions."""

FUNCTIONS = frozenset(
    """
    And Or Xor Case If Cast TryCast Coalesce Nullif Greatest Least Exists EqualNull Nvl2
    Abs Acos Asin Atan Atan2 Cbrt Ceil Cos Cot Degrees Exp Factorial Floor Ln Log Pi Pow Radians Round Sign Sin Sqrt Tan Trunc
    IsInf IsNan Negative BitwiseCount
    Ascii Chr Concat ConcatWs Contains EndsWith StartsWith Initcap Left Right Length ByteLength BitLength Levenshtein
    JarowinklerSimilarity Lower Upper MD5 SHA2 Overlay Pad RegexpLike RegexpFullMatch RegexpExtract RegexpExtractAll
    RegexpReplace RegexpSplit RegexpCount Repeat Replace Reverse Split SplitPart StrPosition Substring Translate Trim Unicode
    Format Hex Unhex ToBase64 FromBase64 Encode Decode NumberToStr Space
    CurrentDate CurrentTimestamp CurrentDatetime Localtimestamp Date DateAdd DateDiff DateFromParts DateSub DateTrunc DateBin
    Datetime Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname Extract Hour LastDay MakeInterval Minute Month Monthname
    Quarter Second StrToDate StrToTime TimeFromParts TimeToStr TimeToUnix Timestamp TimestampAdd TimestampDiff TimestampFromParts
    TimestampSub TimestampTrunc TimeStrToTime TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToTimestamp UnixSeconds UnixMillis
    UnixMicros UnixToTime Week WeekOfYear Year YearOfWeek YearOfWeekIso UnixToStr DateStrToDate
    AnyValue ApproxDistinct ArgMax ArgMin ArrayAgg Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Corr Count CountIf CovarPop
    CovarSamp First GroupConcat Kurtosis Last LogicalAnd LogicalOr Max Median Min Mode PercentileCont PercentileDisc
    Quantile RegrSlope RegrR2 RegrIntercept RegrCount Skewness Stddev StddevPop StddevSamp Sum Variance VariancePop
    Grouping CumeDist DenseRank FirstValue Lag LastValue Lead NthValue Ntile PercentRank Rank RowNumber
    Array ArrayAll ArrayAny ArrayConcat ArrayContains ArrayContainsAll ArrayDistinct ArrayFilter ArrayIntersect ArrayMax ArrayMin
    ArrayOverlaps ArrayPosition ArrayReverse ArraySize ArraySlice ArraySort ArraySum ArrayToString Transform
    Struct StructExtract Map MapKeys MapContainsKey MapSize JSONExtract JSONExtractScalar JSONArrayContains JSONKeys JSONType
    ParseJSON JSONExists JSONFormat Typeof Unnest Explode GenerateSeries GenerateDateArray GenerateTimestampArray
    """.split()
)
"""Classes of sqlglot's functions. None reads a file, a setting, a secret or a random source, or writes."""

TABLE_FUNCTIONS = frozenset({"GenerateSeries", "GenerateDateArray", "GenerateTimestampArray", "Unnest"})
"""What may stand in FROM besides a bound name."""
