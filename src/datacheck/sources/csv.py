"""Comma- or tab-separated text, plain or compressed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Self

import pyarrow as pa
import pyarrow.csv as csv

from ..errors import InputError
from .base import Stream, Widen, check_columns
from .locations import Location, binary, open_stream, size

_BLOCK = 1 << 22  # bytes parsed at a time, and the head from which the types are guessed
_WIDER = {"null": pa.int64(), "int64": pa.float64()}  # any other type becomes text
_UTF8 = "Convert it to UTF-8, for example with iconv -t UTF-8."
_BAD_VALUE = re.compile(r"In CSV column #(\d+)")


@dataclass(frozen=True, eq=False)
class Csv(Stream):
    """A CSV or TSV file. Types come from the first 4 MiB; a value that does not fit one widens it."""

    suffixes: ClassVar[tuple[str, ...]] = (
        ".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.zst", ".tsv.zst", ".csv.bz2", ".tsv.bz2"
    )  # fmt: skip
    path: Location
    name: str
    delimiter: str
    types: dict[str, pa.DataType] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Location, name: str) -> Self:
        if size(path) == 0:
            raise InputError(f"{name} is empty; expected a header line and rows")
        source = cls(path, name, _delimiter(path, name))
        with source._reader() as reader:
            try:
                check_columns(
                    pa.schema(zip(_named(reader.schema.names), reader.schema.types, strict=True)), name
                )
            except UnicodeDecodeError as error:
                raise InputError(f"{name} cannot be read as CSV: its header is not UTF-8. {_UTF8}") from error
            source.types.update(zip(reader.schema.names, reader.schema.types, strict=True))
        odd = next((column for column, type_ in source.types.items() if pa.types.is_binary(type_)), None)
        if odd is not None:
            raise InputError(f"{name} cannot be read as CSV: column {odd!r} is not UTF-8. {_UTF8}")
        return source

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(list(zip(_named(list(self.types)), self.types.values(), strict=True)))

    def _read(self, rows: int) -> Iterator[pa.RecordBatch]:
        last = None
        with self._reader() as reader:
            if reader.schema.names != list(self.types):
                raise InputError(
                    f"{self.name} has other columns now than when it was found; is it being written?"
                )
            while True:
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    break
                except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                    raise self._explain(error) from error
                last = batch if batch.num_rows else last
                yield batch.rename_columns(_named(batch.schema.names))
        if last is not None and _open_quote(self.path, last):
            raise InputError(
                f"{self.name} cannot be read as CSV: its last row ends inside a quoted text that runs over "
                "several lines. The file may be truncated, or a closing quote is missing."
            )

    def _reader(self) -> csv.CSVStreamingReader:
        try:
            return csv.open_csv(
                open_stream(self.path),
                read_options=csv.ReadOptions(block_size=_BLOCK, use_threads=False),
                parse_options=csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                convert_options=csv.ConvertOptions(strings_can_be_null=True, column_types=self.types),
            )
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> Exception:
        """What to do about an error of the parser: widen a type and read again, or give up with a reason."""
        text = str(error).splitlines()[0]
        bad = _BAD_VALUE.search(text)
        column = list(self.types)[int(bad[1])] if bad and self.types else None
        if column is not None and self.types[column] != pa.string():
            self.types[column] = _WIDER.get(str(self.types[column]), pa.string())
            return Widen(column)
        return InputError(f"{self.name} cannot be read as CSV: {text}. {_advice(text)}")


def _named(header: list[str]) -> list[str]:
    """The column names; a first one that is empty is the index that pandas writes, and gets pandas' name."""
    return ["Unnamed: 0", *header[1:]] if header[:1] == [""] else header


def _open_quote(path: Location, last: pa.RecordBatch) -> bool:
    """Whether the parser, which does not mind, reached the end of a plain file inside a quoted text."""
    text = last.column(last.num_columns - 1)[-1].as_py()
    if path.suffix in (".gz", ".zst", ".bz2") or not (isinstance(text, str) and "\n" in text):
        return False
    with binary(path) as file:
        file.seek(max(0, size(path) - 64))
        return not file.read().rstrip(b"\r\n \t").endswith(b'"')


def _delimiter(path: Location, name: str) -> str:
    if ".tsv" in path.name:
        return "\t"
    try:
        with open_stream(path) as file:
            head = file.read(1 << 16).split(b"\n", 1)[0]
    except (pa.ArrowException, OSError) as error:
        ask = (
            "may you read it?"
            if getattr(error, "errno", None)
            else "is it really compressed as its suffix says?"
        )
        raise InputError(f"{name} cannot be opened ({error}); {ask}") from error
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name} cannot be read as CSV: it is UTF-16. {_UTF8}")
    return max(",;\t|", key=lambda mark: (head.count(mark.encode()), mark == ","))


def _advice(text: str) -> str:
    if "Expected" in text and "columns" in text:
        return (
            "Every row needs as many fields as the header; the file may be truncated, or a text needs quotes."
        )
    if "UTF8" in text or "utf-8" in text:
        return _UTF8
    return "Check that the file is complete and that texts with commas or line breaks are quoted."
