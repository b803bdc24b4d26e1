//! Published tables as a stranger sees them: names of tables and columns, values, and what the files say of their columns.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int32Type};

/// One published table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Its name: that of the file, without extension.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Columns in the order of the file.
    pub columns: Vec<Column>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What the file's metadata say it is for (`key`, `label`, `count`, `measure`, `id`, `term`, `text`); empty where they say nothing.
    pub role: String,
    /// Its values.
    pub values: Values,
}

/// The values of a [`Column`]; `None` is NULL.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Words.
    Text(Vec<Option<String>>),
    /// Whole numbers, and days as such.
    Int(Vec<Option<i64>>),
    /// Other numbers.
    Float(Vec<Option<f64>>),
    /// True or false.
    Bool(Vec<Option<bool>>),
    /// Lists of words, or of records that begin with one.
    Lists(Vec<Vec<String>>),
    /// What none of these is.
    Other,
}

impl Table {
    /// A table from its record batches; `roles`: column → role, as the file's metadata give them.
    pub fn new(name: &str, batches: &[RecordBatch], roles: &BTreeMap<String, String>) -> Self {
        let mut columns: Vec<Column> = Vec::new();
        let Some(schema) = batches.first().map(RecordBatch::schema) else { return Self { name: name.to_owned(), ..Self::default() } };
        for (at, field) in schema.fields().iter().enumerate() {
            let arrays = batches.iter().map(|batch| batch.column(at));
            let values = match field.data_type() {
                DataType::Utf8 => Values::Text(arrays.flat_map(|a| a.as_string::<i32>().iter().map(|v| v.map(str::to_owned))).collect()),
                DataType::Int32 => {
                    Values::Int(arrays.flat_map(|a| a.as_primitive::<Int32Type>().iter().map(|v| v.map(i64::from))).collect())
                }
                DataType::Date32 => {
                    Values::Int(arrays.flat_map(|a| a.as_primitive::<Date32Type>().iter().map(|v| v.map(i64::from))).collect())
                }
                DataType::Float64 => Values::Float(arrays.flat_map(|a| a.as_primitive::<Float64Type>().iter()).collect()),
                DataType::Boolean => Values::Bool(arrays.flat_map(|a| a.as_boolean().iter()).collect()),
                DataType::List(_) => Values::Lists(arrays.flat_map(lists).collect()),
                _ => Values::Other,
            };
            let role = roles.get(field.name()).cloned().unwrap_or_default();
            columns.push(Column { name: field.name().clone(), role, values });
        }
        Self { name: name.to_owned(), rows: batches.iter().map(RecordBatch::num_rows).sum(), columns }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The text in a row; empty where there is none.
    pub(super) fn text(&self, name: &str, row: usize) -> &str {
        match self.column(name).map(|c| &c.values) {
            Some(Values::Text(values)) => values[row].as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// The whole number in a row.
    pub(super) fn int(&self, name: &str, row: usize) -> Option<i64> {
        match self.column(name).map(|c| &c.values) {
            Some(Values::Int(values)) => values[row],
            _ => None,
        }
    }

    /// The number in a row.
    pub(super) fn float(&self, name: &str, row: usize) -> Option<f64> {
        match self.column(name).map(|c| &c.values) {
            Some(Values::Float(values)) => values[row],
            _ => None,
        }
    }

    /// Whether a row says true.
    pub(super) fn is(&self, name: &str, row: usize) -> bool {
        matches!(self.column(name).map(|c| &c.values), Some(Values::Bool(values)) if values[row] == Some(true))
    }
}

/// The words of lists, row by row.
fn lists(array: &ArrayRef) -> Vec<Vec<String>> {
    let words = |element: ArrayRef| -> Vec<String> {
        let first = element.as_struct_opt().and_then(|records| records.columns().first().cloned()).unwrap_or(element);
        first.as_string_opt::<i32>().map(|words| words.iter().flatten().map(str::to_owned).collect()).unwrap_or_default()
    };
    array.as_list::<i32>().iter().map(|element| element.map(words).unwrap_or_default()).collect()
}
