//! The sheet as an Excel workbook.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use super::NewSheet;
use crate::coding::guide;
use crate::coding::sheet::Column;
use crate::need::NeedDomain;

/// The names of the two sheets.
const SHEET: &str = "判定";
const GUIDE: &str = "手引き";

/// Rows of the header in points: a domain's name takes five lines in its narrow column.
const HEADER_POINTS: u16 = 96;

/// The bytes of the workbook.
pub(super) fn bytes(sheet: &NewSheet<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The time of writing would make two equal sheets differ.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    coding(book.add_worksheet(), sheet)?;
    guidance(book.add_worksheet())?;
    book.save_to_buffer()
}

fn coding(page: &mut Worksheet, sheet: &NewSheet<'_>) -> Result<(), XlsxError> {
    page.set_name(SHEET)?;
    let base = Format::new().set_align(FormatAlign::Top).set_border(FormatBorder::Hair);
    let header = base.clone().set_bold().set_text_wrap().set_background_color(Color::RGB(0x00DD_E8F0));
    let (wrapped, quiet) = (base.clone().set_text_wrap(), base.clone().set_font_color(Color::Gray));
    let mark = base.clone().set_align(FormatAlign::Center).set_background_color(Color::RGB(0x00FF_FBE6));
    let columns = Column::all();
    let last = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX).max(1);
    let mut frozen = 0;
    for (at, column) in (0u16..).zip(&columns) {
        let (width, format) = match column {
            // Wide enough to be seen, not to be read.
            Column::Version | Column::Id => (4.0, &quiet),
            Column::Number => (5.0, &quiet),
            Column::Coder | Column::Record | Column::Speaker => (8.0, &quiet),
            Column::Before => (28.0, &wrapped),
            Column::Text => (44.0, &wrapped),
            Column::Domain(_) => (10.0, &mark),
            Column::Done => (5.0, &mark),
            Column::Comment => (30.0, &wrapped),
        };
        page.set_column_width(at, width)?;
        page.write_string_with_format(0, at, column.title(), &header)?;
        for (row, line) in (1u32..).zip(sheet.rows) {
            let cell = sheet.cell(row as usize, line, *column);
            match column {
                Column::Number => page.write_number_with_format(row, at, f64::from(row), format)?,
                _ if cell.is_empty() => page.write_blank(row, at, format)?,
                _ => page.write_string_with_format(row, at, cell, format)?,
            };
        }
        let choice = match column {
            Column::Domain(domain) => Some((["明", "暗"].as_slice(), format!("{}：明（求めている）か暗（語っている）", domain.label_ja()))),
            Column::Done => Some((["済"].as_slice(), "読み終えた行は「済」".to_owned())),
            _ => None,
        };
        if let Some((choices, message)) = choice {
            let validation = DataValidation::new()
                .allow_list_strings(choices)?
                .set_error_title("入力できません")?
                .set_error_message(message)?
                .set_error_style(DataValidationErrorStyle::Stop);
            page.add_data_validation(1, at, last, at, &validation)?;
        }
        if *column == Column::Text {
            frozen = at + 1;
        }
    }
    page.set_row_height(0, HEADER_POINTS)?;
    page.set_freeze_panes(1, frozen)?;
    // On paper: A3, across, as wide as the page.
    page.set_paper_size(8).set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn guidance(page: &mut Worksheet) -> Result<(), XlsxError> {
    page.set_name(GUIDE)?;
    let title = Format::new().set_bold().set_align(FormatAlign::Top).set_text_wrap();
    let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    page.set_column_width(0, 34)?;
    page.set_column_width(1, 90)?;
    let steps = (1..).zip(guide::STEPS).map(|(number, step)| (number.to_string(), step));
    let domains = NeedDomain::ALL.into_iter().map(|domain| (Column::Domain(domain).title(), guide::meaning(domain)));
    let heading = |words: &str| std::iter::once((words.to_owned(), ""));
    let lines = heading("判定のしかた").chain(steps).chain(heading("")).chain(heading("領域")).chain(domains);
    for (row, (label, words)) in (0u32..).zip(lines) {
        page.write_string_with_format(row, 0, label, &title)?;
        page.write_string_with_format(row, 1, words, &text)?;
    }
    Ok(())
}
