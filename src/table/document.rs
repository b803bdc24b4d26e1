//! The tables' contract in words: for `kikitori schema` and for the files themselves.

use std::fmt::Write;

use serde_json::{Value, json};

use super::schema::{ColumnSpec, SCHEMA_VERSION, TableSpec};
use crate::error::Lang;

/// The columns with type and meaning, as each file carries them.
pub fn columns_json(spec: &TableSpec) -> Value {
    let columns = spec.columns.iter().chain(&TableSpec::run_columns()).map(column_json).collect();
    Value::Array(columns)
}

fn column_json(column: &ColumnSpec) -> Value {
    json!({
        "name": column.name,
        "type": column.kind.name(),
        "nullable": column.nullable,
        "role": column.role.code(),
        "doc_ja": column.doc_ja,
        "doc_en": column.doc_en,
    })
}

/// The contract of `specs`, for machines.
pub fn schema_json(specs: &[TableSpec]) -> Value {
    let tables: Vec<Value> = specs
        .iter()
        .map(|spec| {
            json!({
                "name": spec.name,
                "zone": spec.zone.code(),
                "path": spec.path(),
                "doc_ja": spec.doc_ja,
                "doc_en": spec.doc_en,
                "sort": spec.sort,
                "columns": columns_json(spec),
            })
        })
        .collect();
    json!({ "schema_version": SCHEMA_VERSION, "tables": tables })
}

/// The contract of `specs`, for people.
pub fn schema_markdown(specs: &[TableSpec], lang: Lang) -> String {
    let say = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    let mut out = format!("# {} {SCHEMA_VERSION}\n", say("公表する表　定義の版", "Published tables, schema version"));
    for spec in specs {
        // Writing to a String cannot fail.
        _ = write!(out, "\n## {}\n\n`{}` — {}\n\n", spec.name, spec.path(), say(spec.doc_ja, spec.doc_en));
        _ = writeln!(out, "{}: {}\n", say("並び順", "sorted by"), spec.sort.join(", "));
        _ = writeln!(out, "| {} | {} | NULL | {} |\n|---|---|---|---|", say("列", "column"), say("型", "type"), say("意味", "meaning"));
        for column in spec.columns.iter().chain(&TableSpec::run_columns()) {
            let doc = if lang == Lang::Ja { &column.doc_ja } else { &column.doc_en };
            let null = if column.nullable { "○" } else { "" };
            _ = writeln!(out, "| `{}` | {} | {null} | {} |", column.name, column.kind.name(), doc.replace('|', "\\|"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing;

    #[test]
    fn both_forms_name_every_table_and_column() {
        let profile = testing::profile();
        let specs = super::super::all_specs(&profile);
        let json = schema_json(&specs);
        let (ja, en) = (schema_markdown(&specs, Lang::Ja), schema_markdown(&specs, Lang::En));
        let tables = json["tables"].as_array().unwrap();
        assert_eq!(tables.len(), 31);
        for table in tables {
            let heading = format!("\n## {}\n", table["name"].as_str().unwrap());
            assert!(ja.contains(&heading) && en.contains(&heading));
            let last: Vec<&str> = table["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
            assert!(last.ends_with(&["run_id", "schema_version"]));
        }
        assert!(ja.contains("| `caller_kind` | text | ○ | 相談者区分の符号 |"));
        assert!(en.contains("| `reason` | list<text> |  | Recorded reason, code |"));
    }
}
