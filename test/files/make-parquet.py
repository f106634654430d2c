"""Makes the parquet files of parquet/ and what pyarrow reads in them (expected.jsonl, a line for each file). Run with pyarrow 26.0.1."""

import base64
import datetime as dt
import decimal
import json
import math
import pathlib
import struct
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent / "parquet"
folder.mkdir(exist_ok=True)
expected = (folder / "expected.jsonl").open("w")
names = {"bool": "boolean", "halffloat": "float16", "large_string": "string", "string_view": "string"}


def base_type(kind):
    """A type without what only Arrow knows: dictionaries and the layout in memory."""
    if pa.types.is_dictionary(kind):
        return base_type(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    return kind


def column_type(kind):
    if isinstance(kind, pa.BaseExtensionType):
        return {"type": kind.extension_name.removeprefix("arrow.")}
    kind = base_type(kind)
    if pa.types.is_timestamp(kind):
        return {"type": "timestamp", "unit": kind.unit, **({"zone": kind.tz} if kind.tz else {})}
    if pa.types.is_time(kind):
        return {"type": "time", "unit": kind.unit}
    if pa.types.is_duration(kind):
        return {"type": "duration", "unit": kind.unit}
    if pa.types.is_decimal(kind):
        return {"type": "decimal", "precision": kind.precision, "scale": kind.scale}
    if pa.types.is_date(kind):
        return {"type": "date"}
    if pa.types.is_map(kind):
        return {"type": f"map<{text(kind.key_type)}, {text(kind.item_type)}>"}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return {"type": f"list<{text(kind.value_type)}>"}
    if pa.types.is_struct(kind):
        return {"type": f"struct<{', '.join(f'{field.name}: {text(field.type)}' for field in kind)}>"}
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return {"type": "binary"}
    return {"type": names.get(str(kind), str(kind))}


def text(kind):
    head, *details = column_type(kind).values()
    return f"{head}[{', '.join(map(str, details))}]" if details else head


def integer(value):
    return value if abs(value) < 2**53 else {"$type": "INTEGER", "value": str(value)}


def floating(value):
    if math.isfinite(value):
        return value
    return {"$type": "FLOAT", "value": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}


def cell(scalar):
    """A value as JSON, from what pyarrow holds; times are written by numpy."""
    if not scalar.is_valid:
        return None
    kind = scalar.type
    if isinstance(scalar, pa.ExtensionScalar):
        found = scalar.as_py()
        return str(found) if isinstance(found, (str, uuid.UUID)) else cell(scalar.value)
    if pa.types.is_dictionary(kind):
        return cell(scalar.dictionary[scalar.index.as_py()])
    if pa.types.is_timestamp(kind):
        return str(np.datetime64(scalar.value, kind.unit)) + ("Z" if kind.tz else "")
    if pa.types.is_time(kind):
        return str(np.datetime64(scalar.value, kind.unit)).split("T")[1]
    if pa.types.is_date(kind):
        return str(np.datetime64(scalar.value, "D" if kind == pa.date32() else "ms").astype("datetime64[D]"))
    if pa.types.is_duration(kind):
        return integer(scalar.value)
    if pa.types.is_decimal(kind):
        return format(scalar.as_py(), "f")
    if pa.types.is_map(kind):
        entries = scalar.values
        return [[cell(key), cell(value)] for key, value in zip(entries.field(0), entries.field(1))]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [cell(item) for item in scalar.values]
    if pa.types.is_struct(kind):
        return {name: cell(scalar[name]) for name in scalar.keys()}
    value = scalar.as_py()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool) or isinstance(value, str):
        return value
    return floating(float(value)) if pa.types.is_floating(kind) else integer(value)


def expect(name):
    table = pq.read_table(folder / f"{name}.parquet")
    columns = [{"name": field.name, **column_type(field.type)} for field in table.schema]
    rows = [[cell(column[i]) for column in table.columns] for i in range(min(100, table.num_rows))]
    known = {"name": name, "columns": columns, "rows": rows, "rowCount": table.num_rows}
    expected.write(json.dumps(known, allow_nan=False, separators=(",", ":")) + "\n")


def write(name, table, **options):
    pq.write_table(table, folder / f"{name}.parquet", **options)
    expect(name)


day = 86_400
numbers = [0, 1, -1, None, 7]
dates = [0, -1, 19_000, None, -719_162]
instants = [0, 1, -1, None, 1_700_000_000_123]


def typed(values, kind):
    return pa.array(values, pa.int64()).cast(kind) if kind == pa.date64() else pa.array(values, kind)


def times(unit, values):
    return pa.array([None if value is None else abs(value) for value in values], pa.int64() if unit in ("us", "ns") else pa.int32())


def scalars():
    decimals = ["-3.05", "99999999999999.99", "0.00", None, "-0.01"]
    columns = {
        **{str(kind): pa.array(numbers, kind) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())},
        "int64 limits": pa.array([2**63 - 1, -(2**63), 2**53, None, 2**53 - 1], pa.int64()),
        "uint8": pa.array([0, 255, 1, None, 2], pa.uint8()),
        "uint16": pa.array([0, 2**16 - 1, 1, None, 2], pa.uint16()),
        "uint32": pa.array([0, 2**32 - 1, 1, None, 2], pa.uint32()),
        "uint64": pa.array([0, 2**64 - 1, 2**53 + 1, None, 2], pa.uint64()),
        "half": pa.array(np.array([0.1, np.nan, np.inf, 6e-8, -65504], np.float16)),
        "float": pa.array([0.1, math.nan, math.inf, None, -math.inf], pa.float32()),
        "double": pa.array([0.1, math.nan, math.inf, None, -math.inf], pa.float64()),
        "tiny": pa.array([5e-324, 1.7976931348623157e308, -0.5, None, 1e22], pa.float64()),
        "bool": pa.array([True, False, True, None, False]),
        "string": pa.array(["", "ä日😀", 'a"b\n', None, "\x00"]),
        "large": pa.array(["", "a", "b", None, "c"], pa.large_string()),
        "binary": pa.array([b"", b"\xff\x00", b"a", None, b"abc"]),
        "fixed": pa.array([b"abc", b"\x00\x01\x02", b"xyz", None, b"   "], pa.binary(3)),
        "category": pa.array(["a", "b", "a", None, "c"]).dictionary_encode(),
        "null": pa.nulls(5),
        "date32": pa.array(dates, pa.int32()).cast(pa.date32()),
        "date64": pa.array([None if value is None else value * day * 1000 for value in dates], pa.int64()).cast(pa.date64()),
        **{f"time {unit}": times(unit, numbers).cast((pa.time32 if unit in ("s", "ms") else pa.time64)(unit)) for unit in ("s", "ms", "us", "ns")},
        **{f"timestamp {unit}": pa.array(instants, pa.int64()).cast(pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
        "timestamp s": pa.array([0, 1, -1, None, 253_402_300_799], pa.int64()).cast(pa.timestamp("s")),
        **{f"instant {zone}": pa.array(instants, pa.int64()).cast(pa.timestamp("us", zone)) for zone in ("UTC", "Europe/Berlin", "+02:00")},
        **{f"duration {unit}": pa.array([0, 1, -1, None, 2**60], pa.int64()).cast(pa.duration(unit)) for unit in ("s", "ms", "us", "ns")},
        **{f"decimal{bits}": pa.array([None if value is None else decimal.Decimal(value) for value in decimals], kind(16, 2)) for bits, kind in ((128, pa.decimal128), (256, pa.decimal256))},
        "decimal small": pa.array([decimal.Decimal("-3.05"), None, decimal.Decimal("9.99"), decimal.Decimal("0"), decimal.Decimal("-9.99")], pa.decimal128(3, 2)),
        "decimal 76": pa.array([decimal.Decimal(10**75) + 1, None, -decimal.Decimal(10**75), decimal.Decimal(0), decimal.Decimal(1)], pa.decimal256(76, 0)),
        "decimal fraction": pa.array([decimal.Decimal("0.00000000000000000001"), None, decimal.Decimal(0), decimal.Decimal(0), decimal.Decimal("-0.1")], pa.decimal128(38, 20)),
        "uuid": pa.array([uuid.UUID(int=2**128 - 1).bytes, uuid.UUID(int=1).bytes, None, None, uuid.UUID(int=0).bytes], pa.uuid()),
        "json": pa.array(['{"a": 1.0}', "[", None, None, "1"], pa.json_()),
    }
    return pa.table(columns)


def nested():
    inner = pa.struct([("a", pa.int64()), ("b", pa.list_(pa.string()))])
    return pa.table(
        {
            "list": pa.array([[1, None, 2], [], None, [3]], pa.list_(pa.int32())),
            "list of lists": pa.array([[[1], [], None], [], None, [[2, 3], [4]]], pa.list_(pa.list_(pa.int64()))),
            "fixed list": pa.array([[1, 2], [3, 4], None, [None, 6]], pa.list_(pa.float32(), 2)),
            "large list": pa.array([["a"], None, [], ["b", None]], pa.large_list(pa.string())),
            "struct": pa.array([{"a": 1, "b": ["x", None]}, {"a": None, "b": []}, None, {"a": 4, "b": None}], inner),
            "struct of struct": pa.array([{"s": {"a": 1, "b": None}}, {"s": None}, None, {"s": {"a": 2, "b": ["y"]}}], pa.struct([("s", inner)])),
            "list of structs": pa.array([[{"a": 1, "b": ["x"]}, None], [], None, [{"a": None, "b": None}]], pa.list_(inner)),
            "map": pa.array([[("a", 1), ("b", None)], [], None, [("a", 2), ("a", 3)]], pa.map_(pa.string(), pa.int64())),
            "map of lists": pa.array([[(1, ["x"]), (2, [])], [(3, None)], None, []], pa.map_(pa.int32(), pa.list_(pa.string()))),
            "map of structs": pa.array([[("k", {"a": 1, "b": ["z"]})], [], None, [("l", None)]], pa.map_(pa.string(), inner)),
            "decimals": pa.array([[decimal.Decimal("-3.05")], None, [], [None]], pa.list_(pa.decimal128(9, 2))),
            "instants": pa.array([[0], None, [], [None, 1]], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("us", "Europe/Berlin"))),
            "required": pa.array([1, 2, 3, 4]),
        }
    )


def many(rows):
    """Enough rows for several pages and row groups."""
    index = np.arange(rows)
    return pa.table(
        {
            "int32": pa.array(index * 7 - 300, pa.int32()),
            "int64": pa.array(index.astype(np.int64) * 10**15 - 3 * 10**17),
            "double": pa.array(np.sqrt(index)),
            "float": pa.array(np.sqrt(index).astype(np.float32)),
            "text": pa.array([None if i % 7 == 3 else f"text {i // 3}" for i in index]),
            "fixed": pa.array([struct.pack(">i", i) for i in index], pa.binary(4)),
            "bool": pa.array([i % 3 == 0 for i in index]),
            "nullable": pa.array([None if i % 5 else int(i) for i in index], pa.int64()),
            "list": pa.array([None if i % 11 == 5 else list(range(i % 4)) for i in index], pa.list_(pa.int64())),
        }
    )


write("scalars", scalars())
write("scalars-version-1", scalars().drop(["null", "timestamp ns"]), version="1.0", store_schema=False)
write("scalars-integers", scalars().select(["decimal128", "decimal small", "decimal256", "decimal fraction"]), store_decimal_as_integer=True)
write("scalars-without-arrow", scalars().drop(["duration s", "duration ms", "duration us", "duration ns"]), store_schema=False)
write("int96", pa.table({"t": pa.array([0, 1, -1, None, 1_700_000_000_123_456_789], pa.int64()).cast(pa.timestamp("ns"))}), use_deprecated_int96_timestamps=True)
write("nested", nested())
write("nested-version-2", nested(), data_page_version="2.0", compression="zstd")
write("nested-old-names", nested(), use_compliant_nested_type=False, use_dictionary=False)
write("empty", many(0))
write("no-columns", pa.table({"a": [1, 2]}).select([]))
write("required", pa.table({"a": pa.array([1, 2]), "b": pa.array(["x", "y"])}, schema=pa.schema([pa.field("a", pa.int64(), False), pa.field("b", pa.string(), False)])))
write("row-groups", many(300), row_group_size=40)
write("pages", many(300), data_page_size=64, write_batch_size=8, use_dictionary=False)
write("pages-version-2", many(300), data_page_size=64, write_batch_size=8, data_page_version="2.0")
for codec in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    for version in ("1.0", "2.0"):
        write(f"codec-{codec}-{version[0]}", many(150), compression=codec, data_page_version=version)
encodings = {
    **{"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "double": "BYTE_STREAM_SPLIT", "float": "BYTE_STREAM_SPLIT"},
    **{"text": "DELTA_BYTE_ARRAY", "fixed": "BYTE_STREAM_SPLIT", "nullable": "DELTA_BINARY_PACKED", "bool": "RLE", "list.list.element": "DELTA_BINARY_PACKED"},
}
for version in ("1.0", "2.0"):
    write(f"encodings-{version[0]}", many(300), use_dictionary=False, column_encoding=encodings, data_page_version=version)
others = {"text": "DELTA_LENGTH_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY", "int32": "BYTE_STREAM_SPLIT"}
write("encodings-others", many(300), use_dictionary=False, column_encoding=others)


# Files that say less than they unpack to. Their columns are a secret to no one, so that only the columns are expected.
def hostile(name, columns, size, codec):
    text = pa.array(["\x00" * size], pa.string())
    table = pa.table({f"c{i}": text for i in range(columns)} | {"small": pa.array([7])})
    pq.write_table(table, folder / f"hostile-{name}.parquet", compression=codec, use_dictionary=False, write_statistics=False)


mebibyte = 2**20
hostile("brotli", 4, 150 * mebibyte, "brotli")
hostile("zstd", 3, 200 * mebibyte, "zstd")
