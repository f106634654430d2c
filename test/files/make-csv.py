"""Makes tables in text and what pandas reads in them (csv/expected.jsonl, a line for each). Run with pandas 3.1.1."""

import base64
import csv
import io
import json
import pathlib
import random

import pandas as pd

folder = pathlib.Path(__file__).parent / "csv"
folder.mkdir(exist_ok=True)
random.seed(15)
lines = []


def add(name, text, path="a.csv", sep=",", encoding="utf-8"):
    """Expects what pandas reads when it is received the separator and the encoding, which a preview has to find."""
    data = text.encode(encoding)
    table = pd.read_csv(io.BytesIO(data), sep=sep, encoding=encoding, dtype=str, keep_default_na=False)
    rows = [[None if pd.isna(value) else value for value in row] for row in table.itertuples(index=False, name=None)]
    lines.append({"name": name, "path": path, "data": base64.b64encode(data).decode(), "columns": list(table.columns), "rows": rows})


def write(rows, sep=",", **options):
    out = io.StringIO()
    csv.writer(out, delimiter=sep, **options).writerows(rows)
    return out.getvalue()


add("tsv with commas in its header", "a, b, c\td, e\n1\t2\n", "a.tsv", "\t")
add("tsv with commas in all cells", "a,b\tc,d\n1,2\t3,4\n", "a.TSV", "\t")
add("tsv with one column and commas", "a,b,c\nd,e,f\n", "a.tsv", "\t")
add("separators inside quotes", '"a;b;c;d","e"\n"1;2;3;4",5\n')
add("commas inside quotes between semicolons", '"a,b,c";"d,e,f"\n"1,2";3\n', sep=";")
add("decimal commas", "x;y\n1,5;2,5\n3,5;4,5\n", sep=";")
add("semicolons with commas in the header", "length, m;width, m\n1,5;2,5\n3;4\n", sep=";")
add("tabs in csv", "a\tb\n1,5\t2,5\n2\t3\n", sep="\t")
add("pipes", "a|b|c\n1,0|2|3\n4|5,0|6\n", sep="|")
add("one column", "a\n1\n2\n")
add("one column of sentences", "text\nno separator here\nnor here\n")
add("separator in text of one row", "a;b\nx, y;z\nu;v\n", sep=";")
add("line ends of Windows", "a,b\r\n1,2\r\n3,4\r\n")
add("line ends of old Macs", "a,b\r1,2\r3,4\r")
add("mixed line ends", "a,b\r\n1,2\n3,4\r5,6\n")
add("line ends inside quotes", 'a,b\n"1\n2",3\n"4\r\n5",6\n')
add("no line end at the end", "a,b\n1,2")
add("blank lines", "\n\na,b\n\n1,2\n   \n3,4\n\n")
add("quotes in the middle", 'a,b\nx"y"z,1\n5" pipe,2\n')
add("text after quotes", 'a,b\n"x"y,1\n"x" ,2\n')
add("doubled quotes", 'a,b\n"x""y",""""\n"",""""""\n')
add("spaces before quotes", 'a,b\n1, "x"\n2,"y" \n')
add("empty cells", "a,b,c\n,,\n1,,3\n")
add("header only", "a,b,c\n")
add("Latin 1", "name;Größe\nMüller;1,5\nJosé;2\n", sep=";", encoding="cp1252")
add("Windows 1252", "a,b\n“x”,€5\n", encoding="cp1252")
add("UTF-8 with a mark", "name,ö\nü,日\n", encoding="utf-8-sig")
add("UTF-16", "name,ö\nü,日\n", encoding="utf-16")
add("UTF-16 of Excel", "name\tö\nü, x\t日\n", sep="\t", encoding="utf-16")
add("UTF-8", "name,ö\nü,日😀\n")

# Random tables in all the ways that Python's csv writes them.
alphabet = ["a", "1", ",", ";", "\t", '"', "\n", " ", "ä", "|", "x y"]
for i in range(60):
    sep = random.choice([",", ";", "\t"])
    width = random.randint(2, 6)
    header = [f"c{k}" for k in range(width)]
    body = [["".join(random.choices(alphabet, k=random.randint(0, 6))) for _ in range(width)] for _ in range(random.randint(3, 20))]
    quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    text = write([header] + body, sep, quoting=quoting, lineterminator=random.choice(["\n", "\r\n"]))
    add(f"random {i}", text, sep=sep)

(folder / "expected.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
