// SPDX-License-Identifier: Apache-2.0
#include "cli/report_parquet.h"

#include "cli/run_program.h"

namespace nav::cli {

namespace {

/// Arrow has no package for C++ in Debian, and one for Python everywhere. It answers with a line: "written", or what went wrong.
constexpr char script[] = R"(
import json, sys
try:
    import pyarrow as arrow, pyarrow.parquet as parquet
except ImportError:
    print("no pyarrow")
    sys.exit()
report = json.load(sys.stdin)
by, rows = report.get("by", []), report.get("rows", [])
fields = [arrow.field(name, arrow.string()) for name in by]
fields += [arrow.field(c["name"], arrow.float64(), metadata={"unit": c["unit"], "text": c["text"]}) for c in report["columns"]]
values = [[row["names"][i] or None for row in rows] for i in range(len(by))]
values += [[row["numbers"].get(c["name"]) for row in rows] for c in report["columns"]]
about = {key: str(report[key]) for key in ("report", "title", "since", "until")}
table = arrow.Table.from_arrays([arrow.array(v, f.type) for v, f in zip(values, fields)], schema=arrow.schema(fields, metadata=about))
try:
    with open(sys.argv[1], "wb") as out:
        parquet.write_table(table, out)
except OSError as error:
    print(error.strerror)
else:
    print("written")
)";

}  // namespace

Result<void> write_parquet(std::string const& report, std::string const& file) {
  auto said = output_of({"python3", "-c", script, file}, report);
  if (!said && said.error().kind != ErrorKind::NotFound) return Unexpected(std::move(said).error());
  if (!said || *said == "no pyarrow\n")
    return Unexpected(Error{ErrorKind::InvalidArgument, "a Parquet file is written by Apache Arrow for Python, which is not there",
                            "pip install pyarrow, for the python3 that your PATH leads to", "--parquet"});
  if (*said != "written\n") return fail_field("--parquet", "a file that can be written", "{} cannot be written: {}", file, said->substr(0, said->find('\n')));
  return {};
}

}  // namespace nav::cli
